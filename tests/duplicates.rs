//! Copies and doubtful pairs on whole sites: what is merged, shown, decided, and where readers are led.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::path::Path;

use crate::support::{expect, write};

const STORY: &str = "渡口的灯在天亮以前熄了，船工们收好缆绳，等第一班渡船从对岸开来。船上有一车树苗、两只羊和六个赶集的人。\
树苗要栽到河滩上，羊要卖给镇上的学校，赶集的人说不出要买什么。中午以前，三样都办完了，渡船空着回去。\
傍晚下起了小雨，渡口的人把棚子支起来，在棚子下面补网。补好的网挂了一排，像是给河岸缝了一道边。\
老船工说，早年间这里没有渡船，过河要等冬天结冰。有一年冰薄，一头牛掉了下去，全村人用绳子把它拉上来，牛活了，绳子断成了三截。\n";
const OTHER: &str = "论文答辩安排在下月初，导师要求学生先把实验数据重新核对一遍，再交打印稿，逾期的顺延到秋季学期。\
图书馆因此延长了开放时间，自习室的灯一直亮到十一点，门口的自行车比平时多了一倍。\
打印店的老板说，今年的论文比往年厚，装订机换了两次刀片，还是赶不上。学院贴出通知，提醒大家注意引文格式。\n";

fn site(root: &Path, articles: &[(&str, &str, &str)]) {
    write(root, &[("site.yaml", "title: 档案\nbase_url: https://example.org/\n")]);
    for (name, head, body) in articles {
        write(root, &[(&format!("content/{name}.md"), &format!("---\n{head}\n---\n{body}"))]);
    }
}

/// Two reports of which a good part is the same, under one title.
fn doubtful(root: &Path) {
    let half: String = STORY.chars().take(110).collect();
    let (a, b) = (format!("{half}\n{OTHER}"), format!("{half}\n{}", OTHER.chars().rev().collect::<String>()));
    site(
        root,
        &[
            ("first", "title: 渡口的一天\ndate: 2020-01-01\nsource: 晨报", &a),
            ("second", "title: 河边的一天\ndate: 2020-01-02\nsource: 晚报", &b),
        ],
    );
}

#[test]
fn doubtful_pairs_are_shown_side_by_side_and_on_a_page_until_they_are_decided() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    doubtful(root);
    let page = root.join("review.html");
    let (out, _) = expect(root, &["dedupe", "--html", page.to_str().unwrap(), "--width", "61"], 0);
    assert!(out.contains("? first and second: "), "{out}");
    assert!(out.contains(" = 4 sentences are the same\n"), "{out}");
    assert!(out.contains("    jianfan dedupe decide first second same|different|follow-up\n"));
    assert!(out.ends_with("2 articles: 0 merged into 0 others, 1 pair to decide, 1 follow-up\n"), "{out}");
    let columns = |line: &str| unicode_width::UnicodeWidthStr::width(line);
    assert!(out.lines().filter(|line| line.contains(" = ") || line.contains(" ~ ")).all(|line| columns(line) <= 61));
    // Without a terminal and a width nothing stands side by side.
    assert!(!expect(root, &["dedupe"], 0).0.contains(" = 4 sentences"));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(
        page.contains("渡口的一天 · 2020-01-01") && page.contains("晚报") && page.contains("decide first second same")
    );

    let (_, err) = expect(root, &["--lang", "en", "check"], 0);
    assert!(err.ends_with("1 pair of articles may be one story: `jianfan dedupe` shows them\n"), "{err}");
    let (_, err) = expect(root, &["--lang", "zh-hans", "check"], 0);
    assert!(err.ends_with("1 组文章可能是同一篇报道：用 `jianfan dedupe` 查看\n"), "{err}");
    let (out, _) = expect(root, &["explain", "first", "--format", "json"], 0);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["undecided"][0]["id"], "second");

    expect(root, &["dedupe", "decide", "first", "second", "different"], 0);
    let (out, err) = expect(root, &["dedupe"], 0);
    assert!(out.ends_with("0 pairs to decide, 0 follow-ups\n") && err.is_empty(), "{out}{err}");
    let (_, err) = expect(root, &["--lang", "en", "check"], 0);
    assert!(!err.contains("may be one story"), "{err}");

    // The text changes: the decision is stale, and said to be.
    let first = std::fs::read_to_string(root.join("content/first.md")).unwrap();
    write(root, &[("content/first.md", &first.replace("两只羊", "三只羊"))]);
    let (_, err) = expect(root, &["dedupe"], 0);
    assert!(err.contains("warning[decision-stale]: `first` has changed since it was decided on"), "{err}");
}

#[test]
fn a_decision_about_a_text_that_says_things_twice_holds() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    site(
        root,
        &[
            ("one", "title: 渡口\ndate: 2020-01-01", &format!("{STORY}\n{STORY}")),
            ("two", "title: 答辩\ndate: 2020-01-02", OTHER),
        ],
    );
    expect(root, &["dedupe", "decide", "one", "two", "same"], 0);
    let (out, err) = expect(root, &["dedupe"], 0);
    assert!(!err.contains("decision-stale") && out.contains("= two"), "{out}{err}");
}

#[test]
fn a_portal_s_wrapping_does_not_win_and_its_address_leads_to_the_story() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let head = "首页 新闻 视频 图片 专题 论坛 登录 注册 无障碍浏览 手机客户端下载 微博 微信公众号\n\n";
    let foot = "\n\n责任编辑 供稿 网站声明 凡本网注明来源的作品均为本网合法拥有版权 违者将依法追究法律责任 广告服务 联系我们 举报电话 备案号\n";
    let wrapped = format!("{head}{STORY}{foot}");
    let mut articles = vec![
        (
            "portal".to_owned(),
            "title: 渡口的一天\ndate: 2020-01-01\nsource: 门户网\naliases: [/old/ferry/]".to_owned(),
            wrapped,
        ),
        ("paper".to_owned(), "title: 渡口的一天\ndate: 2020-01-03\nsource: 河报".to_owned(), STORY.to_owned()),
    ];
    for n in 0..5u32 {
        let body: String = OTHER.chars().map(|c| char::from_u32(c as u32 + n * 37).unwrap_or(c)).collect();
        articles.push((
            format!("other{n}"),
            format!("title: 另一篇{n}\ndate: 2020-02-0{}", n + 1),
            format!("{head}{body}{foot}"),
        ));
    }
    let articles: Vec<(&str, &str, &str)> =
        articles.iter().map(|a| (a.0.as_str(), a.1.as_str(), a.2.as_str())).collect();
    site(root, &articles);
    let (out, _) = expect(root, &["dedupe", "--format", "json"], 0);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["clusters"].as_array().unwrap().len(), 1, "{out}");
    assert_eq!(report["clusters"][0]["canonical"], "paper", "{out}");
    expect(root, &["build"], 0);
    let redirects = std::fs::read_to_string(root.join("public/_redirects")).unwrap();
    for old in ["/zh-hans/2020/01/portal/", "/old/ferry/"] {
        let line = redirects.lines().find(|line| line.contains(old));
        assert!(line.is_some_and(|line| line.contains("/2020/01/paper/")), "{old}: {redirects}");
    }
    // The editor's word goes before the rule.
    let paper = std::fs::read_to_string(root.join("content/paper.md")).unwrap();
    write(root, &[("content/paper.md", &paper.replace("source:", "canonical: portal\nsource:"))]);
    expect(root, &["build"], 0);
    assert!(root.join("public/zh-hans/2020/01/portal/index.html").is_file());
}
