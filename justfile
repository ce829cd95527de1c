# The line CI runs.
check:
    tests/run

# Rewrite the expected trees of the golden builds after looking at what changed.
accept:
    ACCEPT=1 cargo test --test all golden

# Preview the sample archive.
serve:
    cargo run --release -- serve

# Ratios, not times.
bench:
    cargo bench
