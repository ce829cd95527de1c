//! Judges from the words around the name of a city how far it says what the text is about.
//!
//! Streets, shops, dishes, firms, newspapers, schools, people and nicknames hold names of cities and are not about
//! them. The tables are of kinds of words, not of cases; each entry is folded.

use std::sync::{LazyLock, OnceLock};

use super::scan::Scanned;
use crate::taxonomy::trie::{Trie, TrieBuilder};

/// What stands after a name, how much of the mention is left, and characters that undo the rule when they follow.
type Rule = (&'static str, f32, &'static str);

const STREET: f32 = 0.0;
const SHOP: f32 = 0.0;
const FIRM: f32 = 0.0;
const MEDIA: f32 = 0.0;
const PERSON: f32 = 0.0;
const SCHOOL: f32 = 0.35;
const ORIGIN: f32 = 0.1;
const WHOLE: f32 = 1.0;

const SUFFIXES: &[Rule] = &[
    ("路", STREET, "演径线网由况桥透过程途"),
    ("东路", STREET, "演径线"),
    ("西路", STREET, "演径线"),
    ("南路", STREET, "演径线"),
    ("北路", STREET, "演径线"),
    ("中路", STREET, "演径线"),
    ("一路", STREET, "走向上下来领高攀"),
    ("二路", STREET, ""),
    ("三路", STREET, ""),
    ("四路", STREET, ""),
    ("五路", STREET, ""),
    ("街", STREET, "道头区坊舞巷拍"),
    ("东街", STREET, ""),
    ("西街", STREET, ""),
    ("南街", STREET, ""),
    ("北街", STREET, ""),
    ("大街", STREET, "小"),
    ("大道", STREET, "理"),
    ("道", STREET, "路德教理具歉别地出"),
    ("东道", STREET, "主"),
    ("西道", STREET, ""),
    ("巷", STREET, ""),
    ("弄", STREET, "虚清明懂"),
    ("胡同", STREET, ""),
    ("里弄", STREET, ""),
    ("高架", STREET, ""),
    ("高速", STREET, "增发成"),
    ("支路", STREET, ""),
    ("环路", STREET, ""),
    ("步行街", STREET, ""),
    ("街口", STREET, ""),
    ("路口", STREET, ""),
    ("广场", STREET, ""),
    ("饭店", SHOP, "业"),
    ("大饭店", SHOP, ""),
    ("酒店", SHOP, "业"),
    ("大酒店", SHOP, ""),
    ("宾馆", SHOP, ""),
    ("大厦", SHOP, ""),
    ("酒楼", SHOP, ""),
    ("酒家", SHOP, ""),
    ("酒吧", SHOP, ""),
    ("菜馆", SHOP, ""),
    ("餐厅", SHOP, "业"),
    ("餐馆", SHOP, ""),
    ("小吃", SHOP, ""),
    ("拉面", SHOP, ""),
    ("牛肉面", SHOP, ""),
    ("面馆", SHOP, ""),
    ("烤鸭", SHOP, ""),
    ("火锅", SHOP, ""),
    ("炒饭", SHOP, ""),
    ("米粉", SHOP, ""),
    ("小面", SHOP, ""),
    ("汤包", SHOP, ""),
    ("小笼", SHOP, ""),
    ("生煎", SHOP, ""),
    ("照相馆", SHOP, ""),
    ("理发", SHOP, ""),
    ("美发", SHOP, ""),
    ("咖啡", SHOP, ""),
    ("菜", SHOP, "市农价篮场"),
    ("本帮菜", SHOP, ""),
    ("味", SHOP, ""),
    ("风味", SHOP, ""),
    ("凉粉", SHOP, ""),
    ("凉皮", SHOP, ""),
    ("豆腐", SHOP, ""),
    ("点心", SHOP, ""),
    ("茶餐厅", SHOP, ""),
    ("商店", SHOP, ""),
    ("百货", SHOP, ""),
    ("烧烤", SHOP, ""),
    ("肠粉", SHOP, ""),
    ("早茶", SHOP, ""),
    ("月饼", SHOP, ""),
    ("粽子", SHOP, ""),
    ("臭豆腐", SHOP, ""),
    ("肉夹馍", SHOP, ""),
    ("烧饼", SHOP, ""),
    ("包子", SHOP, ""),
    ("面包", SHOP, ""),
    ("蛋糕", SHOP, ""),
    ("奶茶", SHOP, ""),
    ("料理", SHOP, ""),
    ("寿司", SHOP, ""),
    ("炸酱面", SHOP, ""),
    ("热干面", SHOP, ""),
    ("螺蛳粉", SHOP, ""),
    ("扒鸡", SHOP, ""),
    ("火腿", SHOP, ""),
    ("香醋", SHOP, ""),
    ("黄酒", SHOP, ""),
    ("板鸭", SHOP, ""),
    ("麻花", SHOP, ""),
    ("啤酒", SHOP, "节"),
    ("丝绸", SHOP, ""),
    ("旗袍", SHOP, ""),
    ("牌", ORIGIN, "照子"),
    ("老店", SHOP, ""),
    ("分店", WHOLE, ""),
    ("贡丸", SHOP, ""),
    ("肉圆", SHOP, ""),
    ("担仔面", SHOP, ""),
    ("米糕", SHOP, ""),
    ("盐酥鸡", SHOP, ""),
    ("小馆", SHOP, ""),
    ("同仁堂", SHOP, ""),
    ("河", 0.1, "道谷口南北西东流两"),
    ("河畔", 0.1, ""),
    ("湾", 0.2, "区新"),
    ("门", 0.1, "户店市诊票口类"),
    ("公园", 0.3, ""),
    ("商人", 0.6, ""),
    ("全聚德", SHOP, ""),
    ("老字号", 0.5, ""),
    ("制造", 0.5, "业商"),
    ("书店", SHOP, ""),
    ("药房", SHOP, ""),
    ("超市", SHOP, ""),
    ("幼儿园", SHOP, ""),
    ("公寓", SHOP, ""),
    ("花园", SHOP, ""),
    ("小区", SHOP, ""),
    ("家园", SHOP, ""),
    ("新村", SHOP, ""),
    ("茶楼", SHOP, ""),
    ("银行", FIRM, "业家卡间"),
    ("证券", FIRM, "业"),
    ("航空", FIRM, "业航港枢城产展"),
    ("石化", FIRM, "产基园"),
    ("汽车", FIRM, "城产业展工零博制客站"),
    ("现代", FIRM, "化产服农"),
    ("电气", FIRM, "化"),
    ("制药", FIRM, ""),
    ("重工", FIRM, "业"),
    ("股份", FIRM, "制"),
    ("集团", FIRM, "军"),
    ("控股", FIRM, ""),
    ("实业", FIRM, ""),
    ("地产", FIRM, ""),
    ("药业", FIRM, ""),
    ("酒业", FIRM, ""),
    ("影业", FIRM, ""),
    ("国安", FIRM, ""),
    ("恒大", FIRM, ""),
    ("人寿", FIRM, ""),
    ("保险", FIRM, "业监"),
    ("电力公司", FIRM, ""),
    ("燃气", FIRM, ""),
    ("公司", 0.5, ""),
    ("电子", 0.3, "城厂信商政产竞工展"),
    ("日报", MEDIA, ""),
    ("晚报", MEDIA, ""),
    ("晨报", MEDIA, ""),
    ("早报", MEDIA, ""),
    ("时报", MEDIA, ""),
    ("商报", MEDIA, ""),
    ("都市报", MEDIA, ""),
    ("快报", MEDIA, ""),
    ("青年报", MEDIA, ""),
    ("新闻网", MEDIA, ""),
    ("在线", MEDIA, "上"),
    ("电视台", MEDIA, ""),
    ("广播", MEDIA, ""),
    ("广电", MEDIA, ""),
    ("卫视", MEDIA, ""),
    ("传媒", MEDIA, ""),
    ("报业", MEDIA, ""),
    ("出版", MEDIA, ""),
    ("电台", MEDIA, ""),
    ("特区报", MEDIA, ""),
    ("网", MEDIA, "络点上红约友球"),
    ("发布消息", MEDIA, ""),
    ("周刊", MEDIA, ""),
    ("周报", MEDIA, ""),
    ("杂志", MEDIA, ""),
    ("观察网", MEDIA, ""),
    ("人才网", MEDIA, ""),
    ("政府网", MEDIA, ""),
    ("大学", SCHOOL, "生城"),
    ("学院", SCHOOL, ""),
    ("理工", SCHOOL, ""),
    ("交大", SCHOOL, ""),
    ("交通大学", SCHOOL, ""),
    ("师范", SCHOOL, ""),
    ("医院", SCHOOL, ""),
    ("中学", SCHOOL, "生"),
    ("小学", SCHOOL, "生"),
    ("医科", SCHOOL, ""),
    ("研究所", SCHOOL, ""),
    ("研究院", 0.6, ""),
    ("科学院", SCHOOL, ""),
    ("工业大学", SCHOOL, ""),
    ("一中", SCHOOL, ""),
    ("二中", SCHOOL, ""),
    ("附中", SCHOOL, ""),
    ("法院", 0.6, ""),
    ("人", 0.2, "社才民工大均力口机事类为造体文形气居脸"),
    ("话", ORIGIN, "题剧费"),
    ("口音", ORIGIN, ""),
    ("方言", ORIGIN, ""),
    ("腔", ORIGIN, ""),
    ("籍", ORIGIN, ""),
    ("姑娘", ORIGIN, ""),
    ("小伙", ORIGIN, ""),
    ("小伙子", ORIGIN, ""),
    ("阿姨", ORIGIN, ""),
    ("大妈", ORIGIN, ""),
    ("大爷", ORIGIN, ""),
    ("爷叔", ORIGIN, ""),
    ("老乡", ORIGIN, ""),
    ("女婿", ORIGIN, ""),
    ("媳妇", ORIGIN, ""),
    ("知青", ORIGIN, ""),
    ("游客", ORIGIN, ""),
    ("旅客", ORIGIN, ""),
    ("客商", 0.4, ""),
    ("老家", ORIGIN, ""),
    ("出生", ORIGIN, ""),
    ("土著", ORIGIN, ""),
    ("姨娘", ORIGIN, ""),
    ("妹子", ORIGIN, ""),
    ("老师傅", ORIGIN, ""),
    ("说", PERSON, "法明"),
    ("笑说", PERSON, ""),
    ("笑言", PERSON, ""),
    ("笑着说", PERSON, ""),
    ("坦言", PERSON, ""),
    ("回忆", PERSON, "录"),
    ("告诉记者", PERSON, ""),
    ("告诉", PERSON, ""),
    ("先生", PERSON, ""),
    ("女士", PERSON, ""),
    ("师傅", PERSON, ""),
    ("老师", PERSON, ""),
    ("教授", PERSON, ""),
    ("同学", PERSON, ""),
    ("院士", PERSON, "专工"),
    ("博士", PERSON, "后"),
    ("坐在", PERSON, ""),
    ("笑了", PERSON, ""),
    ("想了想", PERSON, ""),
    ("介绍", PERSON, ""),
    ("表示", PERSON, ""),
    ("认为", PERSON, ""),
    ("指出", PERSON, ""),
    ("模式", 0.4, ""),
    ("式", 0.2, ""),
    ("精神", 0.4, "病卫"),
    ("神话", 0.3, ""),
    ("梦", 0.3, ""),
    ("往事", 0.2, ""),
    ("印象", 0.3, ""),
    ("味道", SHOP, ""),
    ("人家", SHOP, ""),
    ("麻辣烫", SHOP, ""),
    ("酿皮", SHOP, ""),
    ("鸡肉饭", SHOP, ""),
    ("食堂", 0.2, ""),
    ("条约", 0.1, ""),
    ("公约", 0.1, ""),
    ("协定", 0.1, ""),
    ("会战", 0.1, ""),
    ("战役", 0.1, ""),
    ("事变", 0.1, ""),
    ("保卫战", 0.1, ""),
    ("标准时间", 0.0, ""),
    ("时间", 0.1, ""),
    ("奥运", 0.3, ""),
    ("冬奥", 0.3, ""),
    ("队", 0.3, "伍"),
    ("足球", 0.3, ""),
    ("俱乐部", 0.2, ""),
    ("人社", WHOLE, ""),
    ("道路", WHOLE, ""),
    ("街道", WHOLE, ""),
];

/// What stands right before a name, and how much of the mention is left.
const PREFIXES: &[(&str, f32)] = &[
    ("来自", 0.5),
    ("从", 0.6),
    ("对标", 0.2),
    ("堪比", 0.1),
    ("叫板", 0.2),
    ("复制", 0.3),
    ("照搬", 0.2),
    ("老", 0.2),
    ("毕业于", 0.1),
    ("出生于", 0.1),
    ("生于", 0.1),
    ("籍贯", 0.1),
    ("祖籍", 0.1),
    ("老家在", 0.1),
    ("老家", 0.2),
    ("就读于", 0.2),
    ("曾在", 0.3),
    ("早年在", 0.2),
    ("从前在", 0.1),
    ("以前在", 0.2),
    ("原先在", 0.2),
    ("求学", 0.3),
    ("飞往", 0.4),
    ("飞抵", 0.5),
    ("途经", 0.2),
    ("开往", 0.3),
    ("运往", 0.3),
    ("销往", 0.3),
    ("发往", 0.3),
    ("卖到", 0.3),
    ("远至", 0.2),
    ("远到", 0.2),
    ("比", 0.3),
    ("不如", 0.2),
    ("相比", 0.4),
    ("借鉴", 0.3),
    ("学习", 0.4),
    ("赶超", 0.2),
    ("媲美", 0.1),
    ("远超", 0.2),
    ("参照", 0.3),
    ("效仿", 0.2),
    ("仿照", 0.2),
    ("号称", 0.0),
    ("堪称", 0.0),
    ("誉为", 0.0),
    ("称为", 0.0),
    ("封为", 0.0),
    ("称作", 0.0),
    ("叫做", 0.0),
    ("喻为", 0.0),
    ("小", 0.0),
];

/// Words that make a nickname of the name of a foreign city: 东方, 中国的, 下一个, 翻版.
const MODIFIERS: &[&str] = &[
    "东方",
    "东方的",
    "中国",
    "中国的",
    "台湾",
    "台湾的",
    "亚洲",
    "亚洲的",
    "另一个",
    "下一个",
    "第二个",
    "下个",
    "又一个",
    "自己的",
    "我们的",
    "小",
    "新",
    "版",
    "翻版",
    "北方",
    "南方",
    "西部",
    "中部",
    "数字",
    "绿色",
    "农业",
];

/// Words somewhere before a name that announce a nickname.
const ANNOUNCE: &[&str] = &[
    "称为",
    "称作",
    "称之为",
    "称做",
    "誉为",
    "封为",
    "喻为",
    "号称",
    "堪称",
    "素有",
    "绰号",
    "外号",
    "美其名曰",
    "打造成",
    "叫做",
    "戏称",
];

/// Words after a name that make a nickname of it.
const PRAISE: &[&str] = &["之称", "美誉", "美称", "之名"];

/// Words after the name of a program for what is only called after it.
const PREMISES: &[&str] =
    &["幼儿园", "小区", "大酒店", "饭店", "超市", "地铁站", "公交站", "理发", "网吧", "酒吧", "表哥", "奶茶"];

/// Family names that stand before a name in names of people (李广州, 王长春).
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";

/// What single characters beside a name can be part of: most rules are done with after one look at them.
mod trait_of {
    /// Ends one of [`PREFIXES`](super::PREFIXES).
    pub(super) const PREFIX_END: u16 = 1;
    /// Is one of [`SURNAMES`](super::SURNAMES).
    pub(super) const SURNAME: u16 = 1 << 1;
    /// Ends one of [`TITLES`](super::TITLES).
    pub(super) const TITLE_END: u16 = 1 << 2;
    /// Begins one of [`SUFFIXES`](super::SUFFIXES).
    pub(super) const SUFFIX: u16 = 1 << 3;
    /// Ends the run of characters that may be one long name.
    pub(super) const STOP: u16 = 1 << 4;
    /// Is in words that end names of firms, papers, stalls and schools.
    pub(super) const COMPANY: u16 = 1 << 5;
    pub(super) const PAPER: u16 = 1 << 6;
    pub(super) const STALL: u16 = 1 << 7;
    pub(super) const SCHOOL: u16 = 1 << 8;
    /// Stands before what is [coined](super::coined).
    pub(super) const COINS: u16 = 1 << 9;
    /// Ends one of [`MODIFIERS`](super::MODIFIERS).
    pub(super) const MODIFIER_END: u16 = 1 << 10;
    /// Begins one of [`ANNOUNCE`](super::ANNOUNCE).
    pub(super) const ANNOUNCES: u16 = 1 << 11;
    /// Begins one of [`PRAISE`](super::PRAISE).
    pub(super) const PRAISES: u16 = 1 << 12;
    /// Begins one of [`PREMISES`](super::PREMISES).
    pub(super) const PREMISE: u16 = 1 << 13;
}

/// The traits of the characters of the basic plane.
static TRAITS: LazyLock<Box<[u16; 0x1_0000]>> = LazyLock::new(|| {
    let mut traits = Box::new([0; 0x1_0000]);
    (0..=u16::MAX).filter(|unit| !goes_on(*unit)).for_each(|unit| traits[usize::from(unit)] = trait_of::STOP);
    let mut mark = |one: u16, unit: Option<u16>| unit.into_iter().for_each(|unit| traits[usize::from(unit)] |= one);
    let (first, last) = (|text: &str| text.encode_utf16().next(), |text: &str| text.encode_utf16().last());
    PREFIXES.iter().for_each(|(text, _)| mark(trait_of::PREFIX_END, last(text)));
    SUFFIXES.iter().for_each(|(text, ..)| mark(trait_of::SUFFIX, first(text)));
    TITLES.iter().for_each(|text| mark(trait_of::TITLE_END, last(text)));
    MODIFIERS.iter().for_each(|text| mark(trait_of::MODIFIER_END, last(text)));
    ANNOUNCE.iter().for_each(|text| mark(trait_of::ANNOUNCES, first(text)));
    PRAISE.iter().for_each(|text| mark(trait_of::PRAISES, first(text)));
    PREMISES.iter().for_each(|text| mark(trait_of::PREMISE, first(text)));
    let single = [
        (trait_of::SURNAME, SURNAMES),
        (trait_of::STOP, "的了在和与将由向是为至到把被让给从对"),
        (trait_of::COMPANY, "司"),
        (trait_of::PAPER, "报"),
        (trait_of::STALL, "店铺摊档"),
        (trait_of::SCHOOL, "学所院"),
        (trait_of::COINS, "的版成为叫称是"),
    ];
    single.iter().for_each(|(one, units)| units.encode_utf16().for_each(|unit| mark(*one, Some(unit))));
    traits
});

/// Gives the traits of a character, none where there is none.
#[inline]
fn traits(unit: Option<&u16>) -> u16 {
    unit.map_or(0, |unit| TRAITS[usize::from(*unit)])
}

/// Tells whether a character may stand inside a long name: an ideograph or a bracket.
fn goes_on(unit: u16) -> bool {
    is_han(unit) || unit == u16::from(b'(') || unit == u16::from(b')')
}

fn suffixes() -> &'static Trie {
    static TRIE: OnceLock<Trie> = OnceLock::new();
    TRIE.get_or_init(|| {
        let mut builder = TrieBuilder::default();
        for (i, (text, ..)) in SUFFIXES.iter().enumerate() {
            builder.add(text, i as u32);
        }
        builder.build()
    })
}

/// Tells whether the units before `end` end with a text.
pub(super) fn ends_with(units: &[u16], end: usize, text: &str) -> bool {
    let mut at = end;
    for c in text.chars().rev() {
        if at == 0 || u32::from(units[at - 1]) != c as u32 {
            return false;
        }
        at -= 1;
    }
    true
}

fn holds(text: &str, unit: Option<&u16>) -> bool {
    unit.is_some_and(|unit| text.encode_utf16().any(|one| one == *unit))
}

fn is_han(unit: u16) -> bool {
    (0x3400..=0x9fff).contains(&unit)
}

/// Says how much of a mention of a city is left, from 0 to 1; `next` is where the next name begins, `person` whether the
/// mention is [the name of a person](person).
pub(super) fn weight(s: &Scanned, start: usize, end: usize, next: usize, world: bool, person: bool) -> f32 {
    if person {
        return 0.0;
    }
    // 佛山市电台 is the city's: only short names lend themselves to shops, roads and papers.
    let full = end - start > 2 && holds("市县区州旗盟", s.units.get(end - 1));
    let after = if full { 1.0 } else { after(s, end) };
    if after == 0.0 {
        return 0.0;
    }
    let left = after.min(before(s, start)).min(run(s, end, next));
    if left == 0.0 || if world { nickname(s, start, end) } else { coined(s, start, end) } {
        return 0.0;
    }
    if shop_sign(s, start, end) { 0.0 } else { left }
}

/// A name inside quotation marks that a word for a shop follows: “巴黎春天”理发店.
fn shop_sign(s: &Scanned, start: usize, end: usize) -> bool {
    const SHOPS: &[&str] = &[
        "店",
        "小店",
        "咖啡",
        "餐",
        "饭馆",
        "饭店",
        "酒吧",
        "书店",
        "理发",
        "美容",
        "超市",
        "茶馆",
        "茶餐厅",
        "面馆",
        "商场",
        "百货",
        "公司",
        "牌",
        "照相馆",
        "民宿",
        "小区",
        "楼盘",
        "公寓",
    ];
    let Some(close) = s.quote_after(end).filter(|c| c - end <= 8) else { return false };
    let open = s.quote_before(start).is_some_and(|o| start - o <= 6);
    open && begins(SHOPS, &s.units[close..])
}

/// A name alone in quotation marks that stands for another place: 北方的“深圳”.
fn coined(s: &Scanned, start: usize, end: usize) -> bool {
    let before = start.checked_sub(1).and_then(|i| s.units.get(i));
    traits(before) & trait_of::COINS != 0 && s.quoted_at(start) && s.quoted_at(end)
}

fn after(s: &Scanned, end: usize) -> f32 {
    if traits(s.units.get(end)) & trait_of::SUFFIX == 0 {
        return 1.0;
    }
    let mut longest = None;
    suffixes().walk(&s.units[end..], |n, rule| longest = Some((n, rule)));
    let Some((n, rule)) = longest else { return 1.0 };
    let (_, weight, unless) = SUFFIXES[rule as usize];
    if holds(unless, s.units.get(end + n)) { 1.0 } else { weight }
}

fn before(s: &Scanned, start: usize) -> f32 {
    let last = start.checked_sub(1).and_then(|at| s.units.get(at));
    if traits(last) & trait_of::PREFIX_END == 0 {
        return 1.0;
    }
    let stands = PREFIXES.iter().filter(|(text, _)| ends_with(&s.units, start, text));
    stands.fold(1.0, |left, (_, weight)| left.min(*weight))
}

/// A family name right before, at the beginning of a word, and a short name: somebody called 李广州.
///
/// Gives the family name when the words around say so, 0 where it is part of the name of the city.
pub(super) fn person(s: &Scanned, start: usize, end: usize) -> Option<u16> {
    /// Words for what people are end in these.
    const CALLINGS: &str = "人师匠员长者工生民家手友客商士授任理代官兵哥姐叔婶爷奶妈爸弟妹";
    let surname = s.units.get(start.checked_sub(1)?)?;
    let traits_before = traits(Some(surname));
    if end - start != 2 || traits_before & (trait_of::TITLE_END | trait_of::SURNAME) == 0 {
        return None;
    }
    // 设计师林芝: the city's own first character is a family name.
    if traits_before & trait_of::TITLE_END != 0
        && traits(s.units.get(start)) & trait_of::SURNAME != 0
        && TITLES.iter().any(|t| ends_with(&s.units, start, t))
    {
        return Some(0);
    }
    if traits_before & trait_of::SURNAME == 0 {
        return None;
    }
    let opens = start < 2 || !is_han(s.units[start - 2]) || holds(CALLINGS, s.units.get(start - 2));
    let mut speaks = false;
    suffixes().walk(&s.units[end..], |_, rule| {
        speaks |= SUFFIXES[rule as usize].1 == PERSON && SUFFIXES[rule as usize].0 != "网"
    });
    (opens || speaks && is_speech(s, end)).then_some(*surname)
}

/// Titles that stand right before the name of a person.
const TITLES: &[&str] = &[
    "记者",
    "主任",
    "经理",
    "校长",
    "院长",
    "局长",
    "师傅",
    "教授",
    "工程师",
    "负责人",
    "创始人",
    "研究员",
    "董事长",
    "设计师",
    "店主",
    "老板",
    "主播",
    "演员",
    "导演",
    "作家",
    "木匠",
    "医生",
    "护士",
    "老师",
    "队长",
    "站长",
    "志愿者",
    "主持人",
    "评委",
    "选手",
    "司机",
    "保安",
    "学员",
    "馆长",
    "园长",
];

/// Tells whether a word of speech or a title of people follows.
fn is_speech(s: &Scanned, end: usize) -> bool {
    const SPEECH: &[&str] =
        &["说", "笑", "坦言", "回忆", "告诉", "先生", "女士", "师傅", "老师", "教授", "同学", "介绍", "表示", "认为"];
    begins(SPEECH, &s.units[end..])
}

fn starts(units: &[u16], word: &str) -> bool {
    let mut units = units.iter();
    word.chars().all(|c| units.next().is_some_and(|u| u32::from(*u) == c as u32))
}

/// Tells whether characters begin with one of some words.
fn begins(words: &[&str], units: &[u16]) -> bool {
    words.iter().any(|word| starts(units, word))
}

/// Looks along the run of characters after a name for the end of the name of a firm, a newspaper or a school.
fn run(s: &Scanned, end: usize, next: usize) -> f32 {
    let text = &s.units[end..next.clamp(end, end + 18)];
    let (table, mut seen) = (&*TRAITS, 0);
    let stop = text.iter().position(|unit| {
        let traits = table[usize::from(*unit)];
        let stops = traits & trait_of::STOP != 0;
        seen |= if stops { 0 } else { traits };
        stops
    });
    // Most runs have nothing that ends such a name.
    if seen & (trait_of::COMPANY | trait_of::PAPER | trait_of::STALL | trait_of::SCHOOL) == 0 {
        return 1.0;
    }
    named_on(&text[..stop.unwrap_or(text.len())], seen)
}

/// Looks into a run of characters whose traits say that it may hold the end of such a name.
fn named_on(text: &[u16], seen: u16) -> f32 {
    let ends = |word: &str, within: usize| (0..text.len().min(within)).any(|i| starts(&text[i..], word));
    let company = seen & trait_of::COMPANY != 0;
    if company && (ends("有限公司", 18) || ends("股份公司", 18) || ends("集团公司", 18)) {
        return FIRM;
    }
    if let Some(at) = text.iter().take(6).position(|&u| u == '报' as u16)
        && at > 0
        && !holds("告名道价送批销到考废警表酬答单备国关", text.get(at + 1))
        && !holds("预申填上通汇播举海情", text.get(at - 1))
    {
        return MEDIA;
    }
    // 天水麻辣烫小店, 老成都旧书摊: a stall or shop a few characters on; 摊位 and 店主 are none.
    let stall = |at: usize| traits(text.get(at)) & trait_of::STALL != 0 && !holds("位主贩员面点商长", text.get(at + 1));
    if seen & trait_of::STALL != 0
        && (2..=5).any(|at| stall(at) && !text[..at].iter().any(|u| holds("家间个某处座几两", Some(u))))
    {
        return 0.2;
    }
    let university =
        || text.windows(3).take(6).any(|w| w[0] == '大' as u16 && w[1] == '学' as u16 && !holds("生城", Some(&w[2])));
    if seen & trait_of::SCHOOL != 0
        && (university()
            || text.ends_with(&['大' as u16, '学' as u16]) && text.len() <= 8
            || ends("研究所", 8)
            || ends("医院", 6)
            || ends("科学院", 4))
    {
        return SCHOOL;
    }
    1.0
}

/// Tells nicknames apart: 中国硅谷, “种业硅谷”, 被誉为东方的巴黎, 有“小纽约”之称.
fn nickname(s: &Scanned, start: usize, end: usize) -> bool {
    let units = &s.units;
    let praised = |at: usize| traits(units.get(at)) & trait_of::PRAISES != 0 && begins(PRAISE, &units[at..]);
    if (end..=end + 2).any(praised) {
        return true;
    }
    let before = start.checked_sub(1).and_then(|at| units.get(at));
    if traits(before) & trait_of::MODIFIER_END != 0 && MODIFIERS.iter().any(|m| ends_with(units, start, m)) {
        return true;
    }
    let near = &units[start.saturating_sub(12)..start];
    let clause = near.iter().rposition(|u| holds(",。;!?\n", Some(u))).map_or(near, |at| &near[at + 1..]);
    let announced = |at: usize| traits(clause.get(at)) & trait_of::ANNOUNCES != 0 && begins(ANNOUNCE, &clause[at..]);
    if (0..clause.len()).any(announced) {
        return true;
    }
    // A phrase in quotation marks that begins before the name and ends with it is a coinage.
    if s.quoted_at(end) && !s.quoted_at(start) {
        return s.quote_before(start).is_some_and(|q| q < start && start - q <= 6);
    }
    false
}

/// Tells whether a name of a program stands for the program, not for a shop or road named after it.
pub(super) fn named(s: &Scanned, end: usize) -> bool {
    traits(s.units.get(end)) & trait_of::PREMISE == 0 || !begins(PREMISES, &s.units[end..])
}
