//! Finds names of people in a clause: 于建国 is one where a role stands before it or what people do behind it.
//!
//! Takes the folded characters of a clause; gives stretches that may be a name, with a cost to be weighed against that
//! of words. The costs come from the lexicon: how common a family name is, how common a character in given names.
//! Knows nothing of scripts but how characters are written in names.

use std::sync::LazyLock;

use super::bits::Bits;
use super::lexicon::{Lexicon, Part};

/// What a name costs before its characters are looked at: one word in so many is one.
const PERSON: u32 = 38;
/// What context takes off that.
const ROLE_BEFORE: u32 = 44;
const TITLE_BEHIND: u32 = 46;
const SPEECH_BEHIND: u32 = 44;
const DEED_BEHIND: u32 = 26;
const LIST: u32 = 16;
const EDGE: u32 = 14;

/// Who somebody is: stands before a name, and behind one.
const OFFICES: &str = "先生 女士 小姐 老师 教授 博士 院士 主任 局长 市长 县长 省长 区长 镇长 乡长 村长 书记 部长 处长 科长 校长 \
    院长 所长 会长 董事长 董事 总经理 经理 总裁 馆长 站长 主席 秘书长 团长 队长 厂长 行长 台长 社长 庭长 州长 厅长 司长 署长 \
    研究员 工程师 医生 律师 记者 编辑 导演 代表 委员 总监 总编 教练 护士 法官 警官 检察官 将军 司令 总统 总理 议员 院长 组长 \
    店长 园长 大使 参赞 领队 主播 主持人 讲师 督学 理事 监事 理事长 秘书 顾问 总工 总工程师 设计师 建筑师 会计师 经济学家 科学家";
/// Stands before a name only.
const ROLES: &str = "责编 作者 专家 负责人 创始人 创办人 发起人 合伙人 导师 学者 选手 演员 嘉宾 学生 通讯员 摄影 主编 特派员 \
    村民 市民 运动员 歌手 作家 诗人 画家 书法家 艺术家 企业家 创业者 志愿者 带头人 传承人 投资人 经办人 联系人 当事人 法人 \
    农民 工人 司机 同学 老板 居民 业主 家长 患者 名将 影星 明星 球员 棋手 冠军 得主 博主 网友 编剧 制片人 校友 烈士 英雄 \
    模范 班主任 技术员 党员 干部 青年 候选人 发言人 店主 户主 商人 名士 词人 学家 史家 名家 大师 前辈 夫人 妻子 丈夫 父亲 母亲 \
    儿子 女儿 弟弟 哥哥 妹妹 姐姐 名叫 名为 叫做";
/// Stands behind a name only.
const ADDRESSES: &str =
    "太太 同志 大夫 师傅 大爷 大妈 阿姨 奶奶 爷爷 厨师 同学 老板 一家 夫妇 夫妻 等人 本人 故居 纪念馆";
/// What people whose names were just given say; no preposition stands there.
const SPEECH: &str = "表示 说 介绍 认为 指出 称 告诉 坦言 谈到 透露 强调 分享 回忆 解释 补充 写道 讲述 感慨 笑着 回应 建议 呼吁 提醒 直言 \
    坦承 证实 否认";
/// What they do.
const DEEDS: &str = "宣布 致辞 出席 主持 带领 率 率队 担任 参加 带着 团队 曾任 曾 现任 获 荣获 当选 写 在接受 主演 执导 饰演 出任 加盟 \
    创办 创立 夺 夺得 到访 出生 毕业 发言 提出 任 拍 著 编著 摄 报道 与 和 及 是 为 等 团队 一家 介绍了";

/// Words by their last character, or by their first one.
struct Table {
    /// These characters: most others are told at once.
    keys: Bits,
    words: Vec<(char, Vec<char>)>,
}

static BEFORE: LazyLock<Table> = LazyLock::new(|| table(&[OFFICES, ROLES], |word| word.last().copied()));
static BEHIND: LazyLock<Table> = LazyLock::new(|| table(&[OFFICES, ADDRESSES], |word| word.first().copied()));
static SAID: LazyLock<Table> = LazyLock::new(|| table(&[SPEECH], |word| word.first().copied()));
static DONE: LazyLock<Table> = LazyLock::new(|| table(&[DEEDS], |word| word.first().copied()));

fn table(lists: &[&str], key: fn(&[char]) -> Option<char>) -> Table {
    let words = lists.iter().flat_map(|list| list.split_whitespace()).map(|w| w.chars().collect::<Vec<char>>());
    let mut words: Vec<(char, Vec<char>)> = words.filter_map(|word| Some((key(&word)?, word))).collect();
    words.sort();
    words.dedup();
    let mut keys = Bits::new(1 << 14);
    words.iter().for_each(|(key, _)| keys.put(*key as u32));
    Table { keys, words }
}

fn some(table: &Table, key: Option<&char>, fits: impl Fn(&[char]) -> bool) -> bool {
    let Some(key) = key.filter(|key| table.keys.has(**key as u32)) else { return false };
    let from = table.words.partition_point(|(k, _)| k < key);
    table.words[from..].iter().take_while(|(k, _)| k == key).any(|(_, word)| fits(word))
}

/// Tells whether characters begin with what somebody is called by: 先生, 主任.
pub(super) fn title(chars: &[char]) -> bool {
    some(&BEHIND, chars.first(), |word| chars.starts_with(word))
}

/// Returns the characters that titles begin with.
pub(super) fn titles() -> impl Iterator<Item = char> {
    BEHIND.words.iter().map(|(first, _)| *first)
}

/// Tells whether characters end with what somebody is.
fn role(chars: &[char]) -> bool {
    some(&BEFORE, chars.last(), |word| chars.ends_with(word))
}

/// Returns how a folded character is written in a name, where that is not its usual form.
pub(super) fn form(c: char) -> Option<char> {
    Some(match c {
        '钟' => '鍾',
        '干' => '乾',
        '于' | '余' | '游' | '涂' | '党' | '种' | '丑' | '后' | '志' | '采' => c,
        _ => return None,
    })
}

/// Calls `found(length, cost)` for each stretch at `at` that may be a name.
///
/// `codes` gives the codes of the characters, `before` what stands before the clause, `known` the lengths of the words
/// that begin there, a bit each: what is a word as well is a name only by what stands beside it.
pub(super) fn find(
    lexicon: &Lexicon,
    chars: &[char],
    codes: impl Fn(usize) -> u16,
    at: usize,
    before: Option<char>,
    known: u32,
    mut found: impl FnMut(usize, u32),
) {
    let Some(family) = lexicon.name(Part::Family, codes(at)) else { return };
    // 三百余人: no name stands right behind a number.
    let ahead = if at == 0 { before } else { chars.get(at - 1).copied() };
    if ahead.is_some_and(|c| c.is_ascii_digit() || matches!(c, '十' | '百' | '千' | '万' | '亿')) {
        return;
    }
    let first = lexicon.name(Part::First, codes(at + 1));
    let pair = first.and_then(|first| Some(first + lexicon.name(Part::Second, codes(at + 2))?));
    let only = lexicon.name(Part::Only, codes(at + 1));
    let mut left = None;
    for (len, given) in [(3, pair), (2, only)] {
        let (Some(given), true) = (given, at + len <= chars.len()) else { continue };
        let left = *left.get_or_insert_with(|| bonus_before(&chars[..at], before));
        let right = bonus_behind(&chars[at + len..]);
        let sure = left >= ROLE_BEFORE || right >= TITLE_BEHIND;
        // A preposition, for most of its days, and so is 周 behind 每.
        let weak = left == 0 && right < SPEECH_BEHIND && matches!(chars[at], '于' | '周' | '向' | '后');
        // Two characters alone are too little: 三百件古钟.
        let short = len == 2 && left + right < DEED_BEHIND;
        if !sure && (short || weak || known >> len & 1 != 0) {
            continue;
        }
        found(len, (PERSON + family + given).saturating_sub(left + right).max(1));
    }
}

fn bonus_before(chars: &[char], before: Option<char>) -> u32 {
    match chars.last().copied().or(before) {
        _ if role(chars) => ROLE_BEFORE,
        Some('、' | '（' | '(') if chars.is_empty() => LIST,
        Some('和' | '与' | '及' | '由' | '对' | '向' | '请' | '邀' | '让' | '给' | '为' | '是' | '叫' | '的') => {
            EDGE
        }
        None => EDGE,
        Some(_) if chars.is_empty() => EDGE,
        Some(_) => 0,
    }
}

fn bonus_behind(chars: &[char]) -> u32 {
    match chars.first() {
        _ if title(chars) => TITLE_BEHIND,
        _ if some(&SAID, chars.first(), |word| chars.starts_with(word)) => SPEECH_BEHIND,
        _ if some(&DONE, chars.first(), |word| chars.starts_with(word)) => DEED_BEHIND,
        None => EDGE,
        Some('的' | '在' | '于' | '也' | '还' | '将' | '已' | '从' | '对' | '向' | '用' | '把') => EDGE,
        Some(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::glossary::Glossary;
    use super::super::{Converter, Options, Origin, Region, Target};

    fn check(hans: &str, hant: &str) {
        let converter = Converter::new(Target::Hant(Region::Tw), &Glossary::empty(), Options::default());
        assert_eq!(converter.text(hans, Origin::Hans), hant);
    }

    #[test]
    fn knows_a_name_by_what_stands_beside_it() {
        check("校长于建国说，关于搬迁尚无定论", "校長于建國說，關於搬遷尚無定論");
        check("运动员余依婷夺得金牌，领先五米有余", "運動員余依婷奪得金牌，領先五米有餘");
        check("工程院院士于起峰于昨日到访", "工程院院士于起峰於昨日到訪");
        check("钟先生的钟表店，教练游建明带队", "鍾先生的鐘錶店，教練游建明帶隊");
        check("于女士对于于先生的看法", "于女士對於于先生的看法");
    }

    #[test]
    fn takes_no_common_words_for_names() {
        check("三百余人于今年到访，周年分享活动", "三百餘人於今年到訪，週年分享活動");
        check("一碗姜汤，余下的工作，适用于纯文本", "一碗薑湯，餘下的工作，適用於純文本");
    }
}
