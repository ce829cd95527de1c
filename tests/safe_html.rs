//! Safe does not mean refusing: ordinary HTML of articles stays as it is, and articles with harm in them are published.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail loudly, and says what it skipped")]

use std::borrow::Cow;
use std::path::Path;
use std::process::Command;

use jianfan::cache::Cache;
use jianfan::corpus::Drafts;
use jianfan::markdown::{Image, Links, render};
use jianfan::site::Trust;
use jianfan::{BuildOptions, build, config};

struct AsWritten;

impl Links for AsWritten {
    fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(written))
    }

    fn image<'a>(&self, written: &'a str) -> Option<Image<'a>> {
        Some(Image::plain(Cow::Borrowed(written)))
    }
}

fn html(body: &str) -> String {
    render(body, None, &AsWritten).html.trim().to_owned()
}

#[test]
fn ordinary_html_stays_as_it_is() {
    for body in [
        "<table>\n<caption>各市用水</caption>\n<thead>\n<tr><th scope=\"col\">市</th><th scope=\"col\" colspan=\"2\">量</th></tr>\n</thead>\n<tbody>\n<tr><td rowspan=\"2\">兰州</td><td align=\"right\">1</td><td>2</td></tr>\n<tr><td>3</td><td>4</td></tr>\n</tbody>\n<tfoot><tr><td>合计</td><td>4</td><td>6</td></tr></tfoot>\n</table>",
        "<p><ruby>漢<rp>(</rp><rt>hàn</rt><rp>)</rp>字<rp>(</rp><rt>zì</rt><rp>)</rp></ruby></p>",
        "<details open=\"\"><summary>問</summary><p>答。</p></details>",
        "<dl><dt>甲</dt><dd>第一</dd><dt>乙</dt><dd>第二</dd></dl>",
        "<blockquote cite=\"https://a.example/\"><p>引文</p></blockquote>",
        "<ol start=\"3\" reversed=\"\"><li value=\"9\">甲</li><li>乙</li></ol>",
        "<p>H<sub>2</sub>O x<sup>2</sup> <del datetime=\"2019-02-21\">舊</del><ins>新</ins> <mark>重</mark> <kbd>Ctrl</kbd> <abbr title=\"人工智慧\">AI</abbr> <time datetime=\"2019-02-21\">當日</time><br>次行<wbr></p>",
        "<p lang=\"en\" dir=\"ltr\"><q>a</q> <cite>b</cite> <small>c</small> <s>d</s> <u>e</u> <var>f</var> <samp>g</samp> <bdi>h</bdi></p>",
        "<h3>小題</h3><hr><pre><code class=\"language-rust\">let a = 1;</code></pre>",
    ] {
        assert_eq!(html(body), body);
    }
    // Pictures are written anew, with all that was said of them.
    assert_eq!(
        html(
            "<figure>\n<img src=\"a.png\" alt=\"橋\" title=\"中山橋\" width=\"640\" height=\"480\">\n<figcaption>黃河上的<b>中山橋</b></figcaption>\n</figure>"
        ),
        "<figure>\n<img src=\"a.png\" width=\"640\" height=\"480\" decoding=\"async\" alt=\"橋\" title=\"中山橋\">\n<figcaption>黃河上的<b>中山橋</b></figcaption>\n</figure>"
    );
}

#[test]
fn ordinary_markdown_becomes_ordinary_html() {
    let footnote = html("文[^1]。\n\n[^1]: 注\n");
    assert_eq!(
        footnote,
        "<p>文<sup class=\"note-ref\"><a href=\"#fn-1\" id=\"fnref-1\">1</a></sup>。</p>\n<section class=\"footnotes\"><ol>\n<li id=\"fn-1\"><p>注</p>\n<a href=\"#fnref-1\" class=\"note-back\">↩</a></li>\n</ol></section>"
    );
    // Raw HTML elsewhere in the body takes every element through the allow-list: nothing of it may change.
    let mixed = html(
        "文[^1]。<b>粗</b>\n\n- [x] 事\n\n![圖](a.png \"題\") [連](https://a.example/)\n\n|a|b|\n|-|:-:|\n|c|d|\n\n[^1]: 注\n",
    );
    for part in [
        "<sup class=\"note-ref\"><a href=\"#fn-1\" id=\"fnref-1\"",
        "<b>粗</b>",
        "<span class=\"task\">☑</span>",
        "<img src=\"a.png\" decoding=\"async\" alt=\"圖\" title=\"題\">",
        "<a href=\"https://a.example/\" rel=\"noopener nofollow\">連</a>",
        "<td>c</td>",
        "<li id=\"fn-1\">",
        "class=\"note-back\"",
    ] {
        assert!(mixed.contains(part), "{part} is not in {mixed}");
    }
}

#[test]
fn articles_with_harm_in_them_are_published() {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/battery/cases.tar.gz");
    if !kit.exists() {
        println!("skipped: no battery at {}", kit.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar").arg("xzf").arg(&kit).arg("-C").arg(folder.path()).status();
    assert!(unpacked.is_ok_and(|status| status.success()), "tar cannot unpack the battery");
    for class in ["xss", "ctx"] {
        let (mut published, mut articles) = (0, 0);
        for case in std::fs::read_dir(folder.path().join("cases").join(class)).unwrap().flatten() {
            let config = config::load(&case.path()).unwrap().value;
            let options = BuildOptions {
                drafts: Drafts::Skip,
                trust: Trust::Nothing,
                cache: Cache::Keep,
                output: None,
                shard: None,
            };
            let report = build(&config, &options, &mut |_| {}).unwrap();
            published += if report.failed() { 0 } else { report.published };
            articles += report.articles;
        }
        println!("{class}: {published} of {articles} articles are published");
        assert!(articles > 0 && published * 100 >= articles * 95, "{class}: {published} of {articles}");
    }
}
