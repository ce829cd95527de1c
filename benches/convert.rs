//! Speed of conversion, as ratios: with the feature `opencc`, of this program to C++ OpenCC on the same text.
//!
//!     eval "$(tests/opencc/fetch)" && cargo bench --bench convert --features opencc
//!
//! The text is our own words, repeated in other order, or the file that JIANFAN_BENCH_TEXT names; what Traditional
//! configurations read is that text through s2tw.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput};
use jianfan::script::glossary::Glossary;
use jianfan::script::{Converter, OpenCc, Options, Origin, Region, Target};

const WORDS: &str = "市科技局昨日召开新闻发布会，介绍高新区今年以来的创新成果。会议由副市长主持，三十余家企业的负责人参加了活动。\
园区里的孵化器已经吸引了两百多个团队，其中不少来自海外；他们研发的干燥设备、复合材料和云计算平台获得了多项专利。\
下一步，全市将继续完善制度，简化流程，为后续项目的落地提供服务。“这里的条件很好，”一位创业者说，“我们准备长期发展。”\
里程碑式的合作项目包括光伏发电、智能制造、生物制药等领域，总投资额超过一百亿元，预计2023年底前全部开工建设。\n";

fn text() -> String {
    #[expect(clippy::disallowed_methods, reason = "a bench may be told its text")]
    let file = std::env::var("JIANFAN_BENCH_TEXT").ok();
    if let Some(text) = file.and_then(|f| std::fs::read_to_string(f).ok()) {
        return text;
    }
    let clauses: Vec<&str> = WORDS.split_inclusive(['，', '。', '；', '、', '\n']).collect();
    // A step that shares no factor with the number of clauses puts other clauses side by side each time.
    (0..40_000).map(|i| clauses[(i * 7 + i / clauses.len()) % clauses.len()]).collect()
}

/// Returns the speed in MB/s. Each piece of the text counts with the best of its runs, so that a machine that is busy with
/// other things as well tells the same.
fn rate(text: &str, mut convert: impl FnMut(&str)) -> f64 {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = (30_000.min(rest.len())..=rest.len()).find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push((piece, f64::INFINITY));
        rest = after;
    }
    for _ in 0..9 {
        for (piece, best) in &mut pieces {
            let start = Instant::now();
            convert(piece);
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    text.len() as f64 / 1e6 / pieces.iter().map(|p| p.1).sum::<f64>()
}

#[cfg(feature = "opencc")]
fn oracle(config: &str) -> Option<opencc_rust::OpenCC> {
    #[expect(clippy::disallowed_methods, reason = "a bench may be told where the library was fetched to")]
    let root = std::env::var("JIANFAN_OPENCC").unwrap_or_else(|_| "target/opencc".into());
    opencc_rust::OpenCC::new(format!("{root}/opencc/clib/share/opencc/{config}.json")).ok()
}

fn ratios(hans: &str, hant: &str) {
    println!("{:<8}{:>10}{:>10}{:>8}", "", "MB/s", "OpenCC", "ratio");
    for config in ["s2t", "s2tw", "s2twp", "s2hk", "t2s", "tw2s", "tw2sp", "hk2s"] {
        let text = if config.starts_with('s') { hans } else { hant };
        let Some(opencc) = OpenCc::named(config) else { continue };
        let mut out = Vec::new();
        let ours = rate(text, |t| {
            out.clear();
            opencc.convert_into(black_box(t), &mut out);
        });
        #[cfg(feature = "opencc")]
        if let Some(cpp) = oracle(config) {
            let theirs = rate(text, |t| drop(black_box(cpp.convert(black_box(t)))));
            println!("{config:<8}{ours:>10.0}{theirs:>10.1}{:>8.1}", ours / theirs);
            continue;
        }
        println!("{config:<8}{ours:>10.0}{:>10}{:>8}", "-", "-");
    }
    let news = [("news tw", Target::Hant(Region::Tw), Origin::Hans), ("news s", Target::Hans, Origin::Hant)];
    for (name, target, origin) in news {
        let converter = Converter::new(target, &Glossary::empty(), Options::default());
        let text = if origin == Origin::Hans { hans } else { hant };
        let ours = rate(text, |t| drop(black_box(converter.text(black_box(t), origin))));
        println!("{name:<8}{ours:>10.0}");
    }
}

fn main() {
    let hans = text();
    let hant = OpenCc::named("s2tw").map_or_else(String::new, |c| c.convert(&hans));
    ratios(&hans, &hant);
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group("convert");
    group.throughput(Throughput::Bytes(hans.len() as u64));
    for config in ["s2tw", "s2twp"] {
        let Some(opencc) = OpenCc::named(config) else { continue };
        group.bench_function(config, |b| b.iter(|| opencc.convert(black_box(&hans))));
    }
    group.finish();
    criterion.final_summary();
}
