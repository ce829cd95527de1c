//! The configuration of a screen for editors, made from the keys of front matter and the terms of the site.

use std::fmt::Write as _;

use super::{MADE, Made, Screen};
use crate::taxonomy::Taxonomies;

/// More terms than this are typed, not chosen from a list.
const MOST: usize = 400;

/// The page and its configuration.
pub(super) fn files(screen: Screen, taxonomies: &Taxonomies) -> Vec<Made> {
    let script = match screen {
        Screen::Sveltia => "sveltia-cms.js",
        Screen::Decap => "decap-cms.js",
    };
    let page = format!(
        "<!doctype html>\n<!-- {} -->\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"robots\" content=\"noindex\">\n<title>编辑</title>\n</head>\n<body>\n<script src=\"{script}\"></script>\n</body>\n</html>\n",
        MADE.trim_start_matches("# ")
    );
    vec![
        ("static/admin/index.html".to_owned(), page),
        ("static/admin/config.yml".to_owned(), config(screen, taxonomies)),
    ]
}

fn config(screen: Screen, taxonomies: &Taxonomies) -> String {
    let (package, script) = match screen {
        Screen::Sveltia => ("@sveltia/cms", "sveltia-cms.js"),
        Screen::Decap => ("decap-cms", "decap-cms.js"),
    };
    let mut text = format!(
        "{MADE}\n# 用法：`npm install {package}`，把 node_modules/{package}/dist/{script} 复制到本文件旁边；把 repo 改成自己的仓库。\n"
    );
    text.push_str(
        "backend:\n  name: github\n  repo: OWNER/REPOSITORY\n  branch: main\nlocale: zh_Hans\nmedia_folder: static/images\npublic_folder: /images\ncollections:\n  - name: articles\n    label: 文章\n    label_singular: 文章\n    description: 每篇文章都会有简体和繁体两个版本\n    folder: content\n    create: true\n    extension: md\n    format: yaml-frontmatter\n    path: '{{year}}/{{month}}/{{slug}}'\n    slug: '{{fields.slug}}'\n    identifier_field: title\n    summary: '{{date}} {{title}}'\n    media_folder: ''\n    public_folder: ''\n    fields:\n",
    );
    for field in FIELDS {
        text.push_str(&format!("      - {{{field}}}\n"));
    }
    for (key, label, taxonomy) in [("cities", "城市", "city"), ("programs", "项目", "program"), ("tags", "标签", "tag")]
    {
        text.push_str(&terms(key, label, taxonomy, taxonomies));
    }
    text.push_str(CORRECTIONS);
    text.push_str("      - {name: body, label: 正文, widget: markdown}\n");
    text
}

/// Fields of front matter as the screen shows them.
const FIELDS: &[&str] = &[
    "name: title, label: 标题, widget: string",
    "name: slug, label: 地址里的名字, widget: string, hint: '只用小写字母、数字和连字符，例如 lab-open-night', pattern: ['^[a-z0-9]+(-[a-z0-9]+)*$', '只用小写字母、数字和连字符']",
    "name: date, label: 日期, widget: datetime, format: 'YYYY-MM-DD HH:mm', date_format: 'YYYY-MM-DD', time_format: 'HH:mm'",
    "name: updated, label: 更新日期, widget: datetime, required: false, format: 'YYYY-MM-DD HH:mm', date_format: 'YYYY-MM-DD', time_format: 'HH:mm'",
    "name: source, label: 来源, widget: string, required: false, hint: 首发的报纸、通讯社或网站",
    "name: original_url, label: 原文地址, widget: string, required: false, pattern: ['^https?://', '以 http:// 或 https:// 开头']",
    "name: author, label: 作者, widget: list, required: false",
    "name: editor, label: 责任编辑, widget: string, required: false",
    "name: summary, label: 摘要, widget: text, required: false",
    "name: script, label: 原文字体, widget: select, required: false, hint: 不填则自动识别, options: [{label: 简体, value: hans}, {label: 繁体, value: hant}, {label: 混合, value: mixed}]",
    "name: rights, label: 刊登范围, widget: select, required: false, options: [{label: 全文, value: full}, {label: 摘要, value: excerpt}, {label: 只给链接, value: link}]",
    "name: draft, label: 草稿, widget: boolean, required: false",
    "name: noindex, label: 不让搜索引擎收录, widget: boolean, required: false",
    "name: withdrawn, label: 撤下的原因, widget: string, required: false, hint: 填写后正文不再公布",
];

const CORRECTIONS: &str = "      - name: corrections\n        label: 更正\n        widget: list\n        required: false\n        fields:\n          - {name: date, label: 日期, widget: datetime, format: 'YYYY-MM-DD', date_format: 'YYYY-MM-DD', time_format: false}\n          - {name: text, label: 内容, widget: text}\n";

/// A field for the terms of a taxonomy: those that the site's own file names are chosen, others typed.
fn terms(key: &str, label: &str, taxonomy: &str, taxonomies: &Taxonomies) -> String {
    let own = taxonomies.taxonomy(taxonomy).into_iter().flat_map(|taxonomy| taxonomy.terms.values());
    let own: Vec<_> = own.filter(|term| term.named_by_site && !term.builtin).collect();
    if own.is_empty() || own.len() > MOST || taxonomy == "city" {
        return format!(
            "      - {{name: {key}, label: {label}, widget: list, required: false, hint: 不填则自动识别}}\n"
        );
    }
    let mut text = format!(
        "      - name: {key}\n        label: {label}\n        widget: select\n        multiple: true\n        required: false\n        options:\n"
    );
    for term in own {
        let name = serde_json::Value::from(term.name.hans.as_str());
        let _ = writeln!(text, "          - {{label: {name}, value: {}}}", term.id);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy;

    #[test]
    fn the_screen_knows_the_terms_of_the_site() {
        let same = |text: &str| text.to_owned();
        let files = [("content/_data/taxonomies/program.yaml", "- id: lab\n  name: '实验室: \"开放\"夜'\n")];
        let known = taxonomy::parse(&files, taxonomy::Convert { hans: &same, hant: &same }).value;
        for screen in [Screen::Sveltia, Screen::Decap] {
            let text = config(screen, &known);
            let config: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
            let fields = config["collections"][0]["fields"].as_sequence().unwrap();
            let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
            assert_eq!(field("programs")["options"][0]["label"], "实验室: \"开放\"夜");
            assert_eq!(field("programs")["options"][0]["value"], "lab");
            assert_eq!(field("cities")["widget"], "list");
            assert_eq!(fields.last().unwrap()["name"], "body");
        }
    }
}
