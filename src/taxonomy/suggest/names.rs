//! Cuts possible names of programs out of folded text.

use std::sync::OnceLock;

use crate::taxonomy::detect::scan::{Mark, Scanned};
use crate::taxonomy::trie::{Trie, TrieBuilder};

/// Words in which names of programs end, and how much each says that the name is one.
const HEADS: &[(&str, f32)] = &[
    ("计划", 1.0),
    ("工程", 0.9),
    ("大赛", 1.0),
    ("论坛", 1.0),
    ("行动", 0.8),
    ("专项", 0.8),
    ("挑战赛", 1.0),
    ("对接会", 1.0),
    ("创客周", 1.0),
    ("示范区", 0.8),
    ("自创区", 0.9),
    ("先导区", 0.8),
    ("试验区", 0.8),
    ("实验区", 0.8),
    ("基地", 0.7),
    ("工作站", 0.9),
    ("创业园", 0.9),
    ("留创园", 0.9),
    ("新创园", 0.9),
    ("产业园", 0.7),
    ("科技园", 0.6),
    ("科学园", 0.6),
    ("园区", 0.4),
    ("孵化器", 0.8),
    ("加速器", 0.8),
    ("训练营", 1.0),
    ("夏令营", 0.9),
    ("特训营", 1.0),
    ("学校", 0.6),
    ("夜校", 0.9),
    ("学堂", 0.9),
    ("讲堂", 0.9),
    ("书院", 0.7),
    ("课堂", 0.7),
    ("工坊", 0.8),
    ("工场", 0.8),
    ("梦工场", 1.0),
    ("博览会", 0.9),
    ("科博会", 0.9),
    ("峰会", 0.9),
    ("大会", 0.7),
    ("年会", 0.7),
    ("交易会", 0.8),
    ("洽谈会", 0.8),
    ("路演", 0.8),
    ("科技周", 0.9),
    ("文化节", 0.7),
    ("科技节", 0.9),
    ("双创周", 1.0),
    ("活动周", 0.8),
    ("嘉年华", 0.8),
    ("马拉松", 0.7),
    ("黑客松", 1.0),
    ("竞赛", 0.8),
    ("联赛", 0.7),
    ("签证", 0.8),
    ("绿卡", 0.8),
    ("奖学金", 0.9),
    ("基金", 0.6),
    ("联盟", 0.6),
    ("平台", 0.4),
    ("中心", 0.4),
    ("实验室", 0.5),
    ("大市场", 0.8),
    ("市场", 0.3),
    ("项目", 0.4),
    ("试点", 0.5),
    ("实验", 0.3),
    ("见习", 0.6),
    ("实习计划", 1.0),
    ("方案", 0.5),
    ("倡议", 0.8),
    ("走廊", 0.6),
    ("科创带", 0.9),
    ("创新带", 0.9),
    ("小镇", 0.5),
    ("客厅", 0.6),
    ("驿站", 0.7),
    ("班", 0.3),
    ("之星", 0.9),
    ("榜单", 0.5),
    ("展", 0.3),
    ("营", 0.4),
    ("周", 0.3),
    ("节", 0.3),
    ("赛", 0.5),
    ("科学城", 0.7),
    ("科技城", 0.7),
    ("新湾区", 0.6),
    ("博会", 0.8),
    ("交会", 0.8),
    ("洽会", 0.8),
    ("推介会", 0.6),
    ("展览会", 0.7),
    ("艺术节", 0.7),
    ("设计周", 1.0),
    ("设计展", 0.7),
    ("书展", 0.5),
    ("助学金", 0.8),
    ("创新券", 0.9),
    ("集市", 0.7),
    ("市集", 0.7),
    ("图书馆", 0.4),
    ("博物馆", 0.3),
    ("学院", 0.3),
    ("研究院", 0.4),
    ("工作坊", 0.9),
    ("工作室", 0.4),
    ("夜读会", 0.9),
    ("读书会", 0.7),
    ("分享会", 0.5),
    ("开放日", 0.8),
    ("开放夜", 0.8),
    ("体验营", 0.9),
    ("冬令营", 0.9),
    ("集训营", 0.9),
    ("加速营", 1.0),
    ("杯", 0.5),
    ("奖", 0.5),
    ("热线", 0.5),
    ("专列", 0.6),
    ("护照", 0.6),
    ("通行证", 0.6),
    ("补助", 0.5),
    ("专案", 0.7),
    ("学苑", 0.7),
    ("学程", 0.7),
    ("高峰会", 0.9),
    ("计画", 1.0),
    ("车站", 0.2),
    ("创新港", 0.8),
    ("数码港", 0.7),
    ("科创园", 0.7),
    ("创业谷", 0.8),
    ("创客空间", 0.8),
    ("众创空间", 0.8),
    ("创客", 0.5),
    ("联合体", 0.6),
    ("共同体", 0.6),
    ("服务站", 0.5),
    ("服务队", 0.5),
    ("互助会", 0.6),
    ("回访", 0.3),
    ("接力", 0.3),
];

/// Words that say nothing about which program is meant; a name made of them alone is none.
const GENERIC: &[&str] = &[
    "科技",
    "创新",
    "创业",
    "产业",
    "技术",
    "发展",
    "工作",
    "国际",
    "国家",
    "服务",
    "人才",
    "企业",
    "项目",
    "研究",
    "研发",
    "开发",
    "科学",
    "成果",
    "转化",
    "转移",
    "合作",
    "交流",
    "培训",
    "教育",
    "建设",
    "管理",
    "公共",
    "综合",
    "重点",
    "重大",
    "专项",
    "全国",
    "全省",
    "全市",
    "中国",
    "省级",
    "市级",
    "国家级",
    "海外",
    "国内",
    "高新",
    "高端",
    "青年",
    "大学生",
    "学生",
    "数字",
    "数据",
    "信息",
    "网络",
    "智能",
    "人工智能",
    "绿色",
    "能源",
    "医药",
    "生物",
    "健康",
    "文化",
    "旅游",
    "农业",
    "工业",
    "制造",
    "实践",
    "实训",
    "实习",
    "见习",
    "示范",
    "试验",
    "实验",
    "首届",
    "年度",
    "系列",
    "主题",
    "五年",
    "行动",
    "三年",
    "今年",
    "明年",
    "未来",
    "下一",
    "新",
    "大",
    "小",
    "多",
    "年",
    "届",
    "第",
    "个",
    "一",
    "二",
    "三",
    "四",
    "五",
    "六",
    "七",
    "八",
    "九",
    "十",
    "孵化",
    "众创",
    "平台",
    "中心",
    "基地",
    "园",
    "区",
    "性",
    "化",
    "型",
    "级",
    "自主",
    "开放",
    "共享",
    "联合",
    "投资",
    "金融",
    "融资",
    "展览",
    "展示",
    "展",
    "学术",
    "专业",
    "专家",
    "院士",
    "博士后",
    "标准",
    "质量",
    "安全",
    "应用",
    "生产",
    "体系",
];

/// Characters and words at which a name that is not quoted begins.
const STOPS: &str = "位的了在和与将由为是等及或从以把被对向于至到该此这那每各其本首届个项次名年月有也都还又就说称让给使但而且并则因所已曾正再更最很太只仅超余几今昨明:,.;!?()[]|/~—…、。\n 0123456789%";
const STOP_WORDS: &[&str] = &[
    "启动",
    "举办",
    "推出",
    "举行",
    "参加",
    "参与",
    "实施",
    "成立",
    "入选",
    "申报",
    "加入",
    "通过",
    "建设",
    "打造",
    "开展",
    "组织",
    "承办",
    "公布",
    "发布",
    "设立",
    "包括",
    "作为",
    "成为",
    "介绍",
    "表示",
    "获得",
    "落户",
    "走进",
    "报名",
    "出台",
    "制定",
    "推进",
    "推动",
    "推行",
    "推广",
    "支持",
    "依托",
    "借助",
    "围绕",
    "纳入",
    "建立",
    "创办",
    "开办",
    "主办",
    "协办",
    "联办",
    "发起",
    "列入",
    "完成",
    "结束",
    "利用",
    "联同",
    "毕业自",
    "来自",
    "毕业于",
    "配合",
    "试行",
    "带来",
    "迎来",
    "亮相",
    "出席",
    "关于",
    "根据",
    "按照",
    "围绕",
    "位于",
    "坐落",
    "参观",
    "走访",
    "考察",
    "调研",
    "打破",
    "延续",
    "扩大",
    "升级",
    "一个",
    "年度",
    "安排",
    "一场",
    "小型",
    "一次",
    "一批",
    "一期",
    "多场",
    "会上",
    "期间",
    "现场",
    "活动中",
    "今天",
    "昨天",
    "目前",
    "正在",
    "准备",
    "计划将",
    "面向",
    "一项",
];

/// The longest name, in characters.
const LONGEST: usize = 18;
/// How far after a closing quotation mark the last word of a name may end: “河湾”创新创业大赛.
const TAIL: usize = 8;

/// The weight of a quoted name that ends in no known word.
pub(super) const BARE: f32 = 0.3;

/// Calls `found` for each possible name, with the weight of its last word and whether it stands in quotation marks.
///
/// `places` finds names of cities, at which a name may begin and through which it is never cut.
pub(super) fn collect(s: &Scanned, places: &Trie, mut found: impl FnMut(&[u16], f32, bool)) {
    quoted(s, &mut found);
    unquoted(s, places, &mut found);
}

fn quoted(s: &Scanned, found: &mut impl FnMut(&[u16], f32, bool)) {
    for i in 1..s.quotes.len() {
        let (from, to) = (s.quotes[i - 1] as usize, s.quotes[i] as usize);
        if s.marks[i - 1] == Mark::Close || s.marks[i] == Mark::Open || to <= from || to - from > LONGEST {
            continue;
        }
        let name = &s.units[from..to];
        if name.len() < 2 || !name.iter().all(|&u| word(u)) {
            continue;
        }
        let tail = &s.units[to..s.units.len().min(to + TAIL)];
        let tail = &tail[..tail.iter().position(|&u| !word(u) || holds(STOPS, u)).unwrap_or(tail.len())];
        let after = (2..=tail.len()).find_map(|n| Some((n, head(&tail[..n])?.1)));
        if let Some((n, weight)) = after {
            emit(&s.units[from..to + n], weight, true, found);
        } else if let Some((_, weight)) = head(name) {
            emit(name, weight, true, found);
        } else if name.len() <= 10 && !name.iter().any(|&u| holds(STOPS, u)) && !name.iter().all(u8_like) {
            emit(name, BARE, true, found);
        }
    }
}

fn unquoted(s: &Scanned, places: &Trie, found: &mut impl FnMut(&[u16], f32, bool)) {
    let units = &s.units;
    for end in 2..=units.len() {
        let Some((length, weight)) = head(&units[..end]).filter(|(_, w)| *w >= 0.6) else { continue };
        // 工程师 is no 工程, 计划将 no 计划.
        if holds("师院队款表书生们者", units.get(end).copied().unwrap_or(0)) {
            continue;
        }
        // A head before another head is no end: 见习|计划 ends once.
        let another = |n: usize| units.get(end..end + n).is_some_and(|next| head(next).is_some_and(|(h, _)| h == n));
        if another(2) || another(3) {
            continue;
        }
        let least = end.saturating_sub(LONGEST);
        let mut from = end - length;
        while from > least && !s.quoted_at(from) && word(units[from - 1]) && !holds(STOPS, units[from - 1]) {
            from -= 1;
        }
        let from = from + cut(&units[from..end]);
        emit(&units[from..end], weight, false, found);
        // A name may begin with the name of a city further on, or one that a stop cut through.
        for start in least..end - length {
            let mut city = 0;
            places.walk(&units[start..end], |n, _| city = n);
            let clean = city > 0
                && start + city <= end - length
                && !units[start + city..end - length].iter().any(|&u| !word(u) || holds(STOPS, u));
            let inside = (start + 1..end).any(|at| s.quoted_at(at));
            if clean && !inside && start != from && cut(&units[start + city..end]) == 0 {
                emit(&units[start..end], weight, false, found);
            }
        }
    }
}

fn emit(name: &[u16], weight: f32, quoted: bool, found: &mut impl FnMut(&[u16], f32, bool)) {
    if name.len() >= 4 && name.len() <= LONGEST && !generic(name) {
        found(name, weight, quoted);
    }
}

/// Gives length and weight of the longest head a name ends in.
fn head(name: &[u16]) -> Option<(usize, f32)> {
    let lasts = lasts();
    if name.last().is_none_or(|u| lasts.binary_search(u).is_err()) {
        return None;
    }
    HEADS
        .iter()
        .filter(|(h, _)| ends(name, h))
        .max_by_key(|(h, _)| h.len())
        .map(|(h, weight)| (h.chars().count(), *weight))
}

/// Lists the last characters of heads: most characters of a text are none.
fn lasts() -> &'static [u16] {
    static LASTS: OnceLock<Vec<u16>> = OnceLock::new();
    LASTS.get_or_init(|| {
        let mut lasts: Vec<u16> = HEADS.iter().filter_map(|(h, _)| h.encode_utf16().last()).collect();
        lasts.sort_unstable();
        lasts.dedup();
        lasts
    })
}

/// Finds where the last of the words ends at which names begin.
fn cut(run: &[u16]) -> usize {
    static TRIE: OnceLock<Trie> = OnceLock::new();
    let trie = TRIE.get_or_init(|| {
        let mut builder = TrieBuilder::default();
        STOP_WORDS.iter().for_each(|w| builder.add(w, 0));
        builder.build()
    });
    let mut cut = 0;
    for i in 0..run.len() {
        trie.walk(&run[i..], |n, _| cut = cut.max(i + n));
    }
    cut
}

fn ends(name: &[u16], word: &str) -> bool {
    let n = word.chars().count();
    n <= name.len() && name[name.len() - n..].iter().zip(word.chars()).all(|(u, c)| u32::from(*u) == c as u32)
}

/// Tells whether a name is made of general words alone.
fn generic(name: &[u16]) -> bool {
    let mut rest = name;
    for (h, _) in HEADS.iter().filter(|(h, _)| ends(name, h)) {
        rest = &rest[..rest.len().min(name.len() - h.chars().count())];
    }
    while !rest.is_empty() {
        let Some(n) = GENERIC.iter().filter(|g| ends(rest, g)).map(|g| g.chars().count()).max() else { return false };
        rest = &rest[..rest.len() - n];
    }
    true
}

/// Tells whether a unit is of a Latin word.
fn u8_like(unit: &u16) -> bool {
    *unit < 0x80
}

fn word(unit: u16) -> bool {
    char::from_u32(u32::from(unit)).is_some_and(|c| c.is_alphanumeric() || c == '·' || c == '+' || c == '-')
}

fn holds(set: &str, unit: u16) -> bool {
    char::from_u32(u32::from(unit)).is_some_and(|c| set.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut names = Vec::new();
        let mut places = TrieBuilder::default();
        places.add("中关村", 0);
        collect(
            &Scanned::body(text, crate::taxonomy::detect::scan::Places::Wanted),
            &places.build(),
            |n, _, quoted| names.push(format!("{}{}", if quoted { "+" } else { "" }, String::from_utf16_lossy(n))),
        );
        names.sort();
        names.dedup();
        assert_eq!(names, expected, "{text}");
    }

    #[test]
    fn cuts_names_out() {
        check("同日推出“春笋见习计划”。", &["+春笋见习计划", "春笋见习计划"]);
        check("西部「相約高地」創新創業大賽開幕", &["+相约高地创新创业大赛"]);
        check("他参加了星火夜校。", &["星火夜校"]);
        check("科技创新平台与五年计划", &[]);
        check("他说中关村论坛开了。", &["中关村论坛"]);
    }
}
