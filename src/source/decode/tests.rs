use proptest::prelude::*;

use super::*;

const HANS: &str = "---\ntitle: 西宁举办科技成果对接会\ndate: 2019-02-21\n---\n本报讯 昨日，全市科技创新大会在市政府召开，两百多家企业和院校参加。会上发布了三十个项目。\n";
const HANT: &str = "---\ntitle: 竹科舉辦創新論壇\n---\n本報訊 昨日，全市科技創新大會在市政府召開，兩百多家企業和學校參加。會上發布了三十個項目。\n";

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, replaced) = encoding.encode(text);
    assert!(!replaced);
    bytes.into_owned()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn read(bytes: &[u8], declared: Option<&str>) -> (String, &'static str) {
    let decoded = decode(bytes, declared).unwrap();
    (decoded.text, decoded.encoding)
}

#[test]
fn plain_utf8_is_read_in_silence() {
    for text in ["", "西宁", "𠮷\u{80}\u{200b}", "\u{feff}西宁"] {
        let decoded = decode(text.as_bytes(), None).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.repaired), (text.trim_start_matches('\u{feff}'), vec![]));
    }
    let twice = decode("\u{feff}\u{feff}西宁".as_bytes(), None).unwrap();
    assert_eq!((twice.text.as_str(), twice.repaired), ("西宁", vec![Repair::RepeatedMark]));
}

#[test]
fn chinese_encodings_are_read_with_a_warning() {
    for (text, encoding, name) in [(HANS, GB18030, "GB18030"), (HANT, GB18030, "GB18030"), (HANT, BIG5, "Big5")] {
        let decoded = decode(&encoded(encoding, text), None).unwrap();
        assert_eq!((decoded.text.as_str(), decoded.encoding), (text, name));
        assert_eq!(decoded.repaired, [Repair::Encoding(name)]);
    }
    for big in [false, true] {
        let name = if big { "UTF-16BE" } else { "UTF-16LE" };
        assert_eq!(read(&utf16(&format!("\u{feff}{HANS}"), big), None), (HANS.to_owned(), name));
        assert_eq!(read(&utf16(HANT, big), None), (HANT.to_owned(), name));
    }
    assert_eq!(read(b"~{VP9zHKCqU~~}, ~{VP9zUb@o~} ~~", None), ("中国人民政, 中国这里 ~".to_owned(), "HZ"));
}

#[test]
fn a_wrong_label_is_reported_and_a_right_one_helps() {
    let wrong = decode(&encoded(BIG5, HANT), Some("gb2312")).unwrap();
    assert_eq!((wrong.encoding, wrong.repaired.len()), ("Big5", 2));
    let short = encoded(GB18030, "兰州");
    assert!(decode(&short, None).is_err());
    assert_eq!(read(&short, Some("gb2312")), ("兰州".to_owned(), "GB18030"));
    assert_eq!(declared_in(b"<meta charset=\"gb2312\">"), Some("gb2312"));
    assert_eq!(declared_in(b"<?xml version='1.0' encoding='Big5'?>"), Some("Big5"));
    assert_eq!(declared_in(b"<p>none</p>"), None);
}

#[test]
fn damage_is_placed() {
    let error =
        decode("标题\n兰州\u{7f}".as_bytes().iter().chain(b"\xc2\xd2 x").copied().collect::<Vec<_>>().as_slice(), None);
    let place = Place { offset: 14, line: 2, column: 4 };
    assert_eq!(error, Err(DecodeError::NotUtf8 { place, bytes: "C2 D2 20 78".to_owned() }));
    let cut = "西宁".as_bytes();
    assert_eq!(decode(&cut[..5], None).unwrap_err().place(), Some(Place { offset: 3, line: 1, column: 2 }));
    assert!(matches!(decode("a\0b".as_bytes(), None), Err(DecodeError::Nul(Place { offset: 1, line: 1, column: 2 }))));
    assert!(matches!(decode(&[0; 64], None), Err(DecodeError::Nul(_))));
    assert!(matches!(decode(b"\x89PNG\r\n\x1a\n", None), Err(DecodeError::Binary(_))));
    assert!(decode(b"\xff\xfeabc", None).is_err());
}

#[test]
fn damage_in_another_encoding_is_placed_there() {
    let mut bytes = encoded(GB18030, HANS);
    bytes.truncate(bytes.len() - 2);
    let (line, column) = (5, HANS.lines().nth(4).unwrap().chars().count());
    let place = Place { offset: bytes.len() - 1, line, column };
    assert_eq!(decode(&bytes, None), Err(DecodeError::Damaged { encoding: "GB18030", place }));
}

#[test]
fn other_encodings_are_not_guessed() {
    let korean = encoded(encoding_rs::EUC_KR, "안녕하세요 오늘은 과학 기술 행사가 열렸습니다 많은 기업이 참가했습니다");
    let japanese = encoded(encoding_rs::EUC_JP, "これはにほんごのぶんしょうです。カタカナもあります。");
    let shift = encoded(encoding_rs::SHIFT_JIS, "これはにほんごのぶんしょうです。カタカナもあります。");
    let french = encoded(encoding_rs::WINDOWS_1252, "L’été dernier, à Genève, l’événement a été célébré.");
    let russian = encoded(encoding_rs::WINDOWS_1251, "Сегодня в городе открылась научная конференция");
    for bytes in [korean, japanese, shift, french, russian] {
        assert!(decode(&bytes, None).is_err(), "{:?}", decode(&bytes, None));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), label in "\\PC{0,8}") {
        for declared in [None, Some(label.as_str()), Some("gbk"), Some("big5")] {
            if let Err(error) = decode(&bytes, declared) && let Some(place) = error.place() {
                prop_assert!(place.line >= 1 && place.column >= 1 && place.offset <= bytes.len().max(1));
            }
        }
        let _ = declared_in(&bytes);
    }

    #[test]
    fn utf8_is_never_changed(text in "\\PC{0,80}") {
        prop_assume!(!text.contains("~{") && !text.contains('\u{feff}'));
        prop_assert_eq!(decode(text.as_bytes(), Some("big5")).unwrap().text, text);
    }
}
