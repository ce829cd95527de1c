# The line CI runs.
check:
    tests/run

# Rewrite the expected trees of the golden builds after looking at what changed.
accept:
    ACCEPT=1 cargo test --test golden

# Preview the sample archive.
serve:
    cargo run --release -- build
    python3 -m http.server --directory public --bind 127.0.0.1 8080

# Ratios, not times.
bench:
    cargo bench
