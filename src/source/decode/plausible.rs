//! Judges whether a decoded text looks like Chinese, by how common its characters are.
//!
//! Text read in a wrong encoding consists of characters drawn almost at random from the code table; real text does
//! not: a few hundred characters make up most of it, and what is left is nearly all of the first level of GB2312
//! (3,755 characters) or Big5 (5,401), which both standards fill by frequency of use.

use std::sync::LazyLock;

use encoding_rs::{BIG5, Encoding, GB18030};

/// The characters most used in written Chinese, in both scripts, in no particular order.
const FREQUENT: &str = "的一是不了在人有我他这这個这中大来上国國个到说們们为為子和你地出道也时時年得就那要下以生会會自着着去之过過家学學对對可她里裡裏后後小么麼心多天而能好都然没沒日于於起还還发發成事只作当當想看文无無开開手十用主行方又如前所本见見经經头頭面公同三已老从從动動两兩长長知民样樣现現分将將外但身些与與高意进進把法此实實回二理美点點月明其种種声聲全工己话話儿兒者向情部正名定女问問力机機给給等几幾很业業最间間新什打便位因重被走电電四第门門相次东東政海口使教西再平真听聽世气氣信北少关關并並内內加化由却卻代军軍产產入先山五太水万萬市眼体體别處处总總才场場师師书書比住员員九笑性通目华華报報立马馬命张張活难難神数數件安表原车車白应應路期叫死常提感金何更反合放做系係计計或司利受光王果亲親界及今京务務制制解各任至清物台臺象记記边邊共风風战戰干接它许許八特觉覺望直服毛林题題建南度统統色字请請交爱愛让讓认認算论論百吃义義科怎元社术術结結六功指思非流每青管夫连連远遠资資队隊跟带帶花快条條院变變联聯权權往展该該领領传傳近留红紅治决決周保达達办辦运運武半候七必城父强強步完革深区區即求品士转轉量空甚众眾技轻輕程告江语語英基派满滿式李息写寫呢识識极極令黄黃德收脸臉钱錢党黨倒未持取设設始版双雙历歷越史商千片容研像找友孩站广廣改议議形委早房音火际際则則首单單据據导導影失拿网網香似斯专專石若兵弟谁誰校读讀志飞飛观觀争爭究包组組造落视視济濟喜离離虽雖坏壞局选選投项項创創企园園标標推省府县縣镇鎮湾灣州示布佈举舉办推责責任编編辑輯责記者來源稿闻聞讯訊新闻日晚会议厅廳委员书记市长省长发展经济建设会社会企业工作服务科技创新项目产业主题活动中国人民政府";

/// A bit for each character of the first planes' ideographs.
struct Bits([u64; 328]);

impl Bits {
    fn slot(c: char) -> Option<(usize, u64)> {
        let index = (c as u32).checked_sub(0x4e00).filter(|i| *i < 20_992)? as usize;
        Some((index / 64, 1 << (index % 64)))
    }

    fn of(chars: impl Iterator<Item = char>) -> Bits {
        let mut bits = Bits([0; 328]);
        for (word, bit) in chars.filter_map(Bits::slot) {
            bits.0[word] |= bit;
        }
        bits
    }

    fn has(&self, c: char) -> bool {
        Bits::slot(c).is_some_and(|(word, bit)| self.0[word] & bit != 0)
    }
}

static FREQUENT_BITS: LazyLock<Bits> = LazyLock::new(|| Bits::of(FREQUENT.chars()));

/// The first levels of GB2312 (rows 16 to 55) and Big5 (A440 to C67E).
static FIRST_LEVEL: LazyLock<Bits> = LazyLock::new(|| {
    let gb = (0xb0..=0xd7u8).flat_map(|lead| (0xa1..=0xfeu8).map(move |trail| [lead, trail]));
    let big5 = (0xa4..=0xc6u8).flat_map(|lead| (0x40..=0xfeu8).map(move |trail| [lead, trail]));
    let one = |encoding: &'static Encoding, pair: [u8; 2]| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&pair)?;
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let gb = gb.filter_map(move |pair| one(GB18030, pair));
    Bits::of(gb.chain(big5.filter(|pair| *pair <= [0xc6, 0x7e]).filter_map(move |pair| one(BIG5, pair))))
});

/// How plausible a text is; the mean lies between -8 and 3, real news near 2, misread bytes below 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    sum: i64,
    count: i64,
}

impl Score {
    /// Scores what is beyond ASCII: ASCII reads alike in the encodings that are compared.
    pub(super) fn of_beyond_ascii(text: &str) -> Score {
        Score::of(text.chars().filter(|c| !c.is_ascii()))
    }

    /// Scores every character, for encodings in which ASCII takes two bytes.
    pub(super) fn of_all(text: &str) -> Score {
        Score::of(text.chars())
    }

    fn of(chars: impl Iterator<Item = char>) -> Score {
        chars.fold(Score::default(), |score, c| Score { sum: score.sum + weight(c), count: score.count + 1 })
    }

    pub(super) fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }

    /// Tells whether the text alone proves its encoding: near real text, and enough of it.
    pub(super) fn certain(&self) -> bool {
        self.count >= 4 && self.mean() >= 1.5
    }

    /// Tells whether the text does not speak against the encoding it declares.
    pub(super) fn likely(&self) -> bool {
        self.count >= 1 && self.mean() >= 0.6
    }

    /// Tells whether the other reading of the same bytes is out of the question.
    pub(super) fn far_above(&self, other: &Score) -> bool {
        self.mean() - other.mean() >= 0.8 && self.sum - other.sum >= 12
    }
}

/// Weighs one character.
fn weight(c: char) -> i64 {
    match c {
        '\t' | '\n' | '\r' | ' '..='~' => 2,
        '\0'..='\u{9f}' => -8,
        '，' | '。' | '、' | '“' | '”' | '：' | '；' | '（' | '）' | '《' | '》' | '「' | '」' | '　' => {
            2
        }
        '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff5e}' | '\u{2010}'..='\u{2027}' | '·' | '℃' | '×' => 1,
        '①'..='⑩' | 'Ⅰ'..='Ⅻ' | '■' | '□' | '▲' | '△' | '▼' | '●' | '○' | '◆' | '★' | '☆' | '※' | '→' => {
            0
        }
        '\u{e000}'..='\u{f8ff}' | '\u{fffd}' => -6,
        c if FREQUENT_BITS.has(c) => 3,
        c if FIRST_LEVEL.has(c) => 1,
        '\u{4e00}'..='\u{9fff}' => -3,
        _ => -4,
    }
}
