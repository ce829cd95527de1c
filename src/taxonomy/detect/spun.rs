//! Other spellings of names: the words of another region, and spun text, where machines have swapped words for synonyms
//! (工作站 as 事情站).

/// Words of names and what spinning makes of them, folded. Seed 000 has 事情 for 工作 and 中间 for 中心.
const SWAPS: &[(&str, &str)] = &[
    ("工作", "事情"),
    ("中心", "中间"),
    ("合作", "互助"),
    ("建设", "扶植"),
    ("示范", "树模"),
    ("交流", "交换"),
    ("成果", "功效"),
    ("成果", "结果"),
    ("人才", "人材"),
    ("服务", "办事"),
    ("创新", "立异"),
    ("技术", "手艺"),
    ("教育", "教诲"),
    ("城市", "都会"),
    ("城市", "都市"),
    ("世界", "天下"),
    ("计划", "规划"),
    ("计划", "打算"),
    ("管理", "办理"),
    ("产业", "财产"),
    ("自主", "自立"),
    ("实验", "尝试"),
    ("联盟", "同盟"),
    ("产品", "产物"),
    ("人员", "职员"),
    ("学习", "进修"),
    ("活动", "勾当"),
    ("研究", "研讨"),
    ("研究", "钻研"),
    ("设备", "装备"),
    ("发展", "成长"),
    ("支持", "撑持"),
    ("政府", "当局"),
    ("文化", "文明"),
    ("科学", "迷信"),
    ("展示", "展现"),
    ("行动", "举措"),
    ("会议", "集会"),
    ("项目", "名目"),
];

/// Words that regions write differently; names are found under either.
const REGIONAL: &[(&str, &str)] = &[
    ("信息", "资讯"),
    ("软件", "软体"),
    ("网络", "网路"),
    ("智能", "智慧"),
    ("数字", "数位"),
    ("芯片", "晶片"),
    ("质量", "品质"),
    ("集成电路", "积体电路"),
    ("激光", "雷射"),
    ("知识产权", "智慧财产权"),
];

/// At most this many words of one name are swapped independently.
const MOST: usize = 4;

/// Lists spellings of a folded name with some of its words swapped.
pub(super) fn spellings(folded: &str) -> Vec<String> {
    let regional = REGIONAL.iter().flat_map(|&(a, b)| [(a, b), (b, a)]);
    let swaps: Vec<(&str, &str)> =
        regional.chain(SWAPS.iter().copied()).filter(|(from, _)| folded.contains(from)).take(MOST).collect();
    (1..1_u32 << swaps.len())
        .map(|chosen| {
            let used = swaps.iter().enumerate().filter(|(i, _)| chosen >> i & 1 == 1);
            used.fold(folded.to_owned(), |name, (_, (from, to))| name.replace(from, to))
        })
        .collect()
}

/// Lists spellings of a folded name with what news puts between a city and the rest: 西宁(市)(首届|第二届)对接会; and
/// without brackets. `city` tells whether a text is the name of a city.
pub(super) fn dressed(folded: &str, city: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    if folded.contains('(') {
        out.push(folded.replace(['(', ')'], ""));
    }
    let cuts: Vec<usize> = folded.char_indices().map(|(at, _)| at).skip(2).take(3).collect();
    let Some(cut) = cuts.into_iter().rev().find(|&at| city(&folded[..at])) else { return out };
    let (head, rest) = folded.split_at(cut);
    if rest.chars().count() < 3 {
        return out;
    }
    let town = if head.ends_with('市') { "" } else { "市" };
    out.push(format!("{head}{town}{rest}"));
    let numbers = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
    let sessions = numbers.iter().map(|n| format!("第{n}届")).chain(["首届".to_owned()]);
    for session in sessions {
        out.push(format!("{head}{session}{rest}"));
        out.push(format!("{head}{town}{session}{rest}"));
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn dresses_names() {
        let all = super::dressed("西宁对接会", &|t| t == "西宁");
        assert!(all.contains(&"西宁市第二届对接会".to_owned()) && all.contains(&"西宁首届对接会".to_owned()));
        assert!(super::dressed("黄河创客周", &|_| false).is_empty());
        assert_eq!(super::dressed("创新(硅谷)站", &|_| false), ["创新硅谷站"]);
    }

    #[test]
    fn swaps_words_of_names() {
        assert_eq!(super::spellings("硅谷工作站"), ["硅谷事情站"]);
        assert_eq!(super::spellings("创新中心").len(), 3);
        assert!(super::spellings("张江之星").is_empty());
    }
}
