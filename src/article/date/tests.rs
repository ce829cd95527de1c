use proptest::prelude::*;

use super::*;

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

/// Gives what a field is read as: `ok X` as written, `X` when repaired, `error: …`.
fn read(text: &str) -> String {
    match parse(text, &shanghai()) {
        Ok(ReadDate { repaired: None, at, .. }) => format!("ok {at}"),
        Ok(ReadDate { repaired: Some(spelling), .. }) => spelling,
        Err(error) => format!("error: {error}"),
    }
}

fn check(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(text, want)| read(text) != *want)
        .map(|(t, w)| format!("{t}: {}, not {w}", read(t)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn iso_needs_no_repair() {
    check(&[
        ("2019-02-21", "ok 2019-02-21"),
        ("2019-02-21 06:56", "ok 2019-02-21T06:56:00+08:00"),
        ("2019-02-21T06:56:01", "ok 2019-02-21T06:56:01+08:00"),
        ("2019-02-21T06:56:01.123456789+08:00", "ok 2019-02-21T06:56:01.123456789+08:00"),
        ("2019-02-21 06:56:01 +0800", "ok 2019-02-21T06:56:01+08:00"),
        ("2019-02-20T23:00:00Z", "ok 2019-02-21T07:00:00+08:00"),
        ("2020-02-29", "ok 2020-02-29"),
        ("9999-12-31", "ok 9999-12-31"),
        ("1582-10-10", "ok 1582-10-10"),
        ("0001-01-01", "ok 0001-01-01"),
    ]);
}

#[test]
fn numbers_with_marks_are_repaired() {
    check(&[
        ("2019-02-21- 06:56", "2019-02-21 06:56"),
        ("2019/02/21", "2019-02-21"),
        ("2019.2.21", "2019-02-21"),
        ("2019-2-21 6:56", "2019-02-21 06:56"),
        ("２０１９-０２-２１", "2019-02-21"),
        ("２０１９／０２／２１　０６：５６", "2019-02-21 06:56"),
        ("2019-02-21\t06:56", "2019-02-21 06:56"),
        ("2019 02 21", "2019-02-21"),
        ("2019 - 02 - 21", "2019-02-21"),
        ("2019·02·21", "2019-02-21"),
        ("2019–02–21", "2019-02-21"),
        ("\u{feff}2019-02-21\u{200b}", "2019-02-21"),
        ("20190221", "2019-02-21"),
        ("201902210656", "2019-02-21 06:56"),
        ("20190221065601", "2019-02-21 06:56:01"),
        ("1550703360000", "2019-02-21T06:56:00+08:00"),
        ("1550703360", "2019-02-21T06:56:00+08:00"),
        ("21/02/2019", "2019-02-21"),
        ("02/21/2019 06:56", "2019-02-21 06:56"),
        ("02/02/2019", "2019-02-02"),
        ("2019-W08-4", "2019-02-21"),
        ("2019-02-21T24:00", "2019-02-22 00:00"),
        ("2016-12-31 23:59:60Z", "2017-01-01T07:59:59+08:00"),
        ("2019-02-21 06:56 (GMT+8)", "2019-02-21T06:56:00+08:00"),
        ("发布时间：2019-02-21 06:56", "2019-02-21 06:56"),
    ]);
}

#[test]
fn chinese_forms_are_repaired() {
    check(&[
        ("2019年2月21日", "2019-02-21"),
        ("2019年02月21日 06:56", "2019-02-21 06:56"),
        ("2019年2月21日星期四", "2019-02-21"),
        ("2019年2月21日（星期四）上午6:56", "2019-02-21 06:56"),
        ("2019/02/21(四) 15:00", "2019-02-21 15:00"),
        ("2019 年 2 月 21 日", "2019-02-21"),
        ("2019年2月21号", "2019-02-21"),
        ("2019-02月21日", "2019-02-21"),
        ("2019年02月21日06时56分01秒", "2019-02-21 06:56:01"),
        ("2019年2月21日下午3時半", "2019-02-21 15:30"),
        ("2019年2月21日晚上8点", "2019-02-21 20:00"),
        ("2019年2月21日凌晨12:30", "2019-02-21 00:30"),
        ("2019年2月21日中午12点一刻", "2019-02-21 12:15"),
        ("2019年2月21日 北京时间 06:56", "2019-02-21T06:56:00+08:00"),
        ("民國108年2月21日", "2019-02-21"),
        ("中華民國一百零八年二月二十一日", "2019-02-21"),
        ("民國元年十月十日", "1912-10-10"),
        ("108年2月21日", "2019-02-21"),
        ("108/02/21", "2019-02-21"),
        ("108.2.21", "2019-02-21"),
        ("1121027", "2023-10-27"),
        ("二〇一九年二月二十一日", "2019-02-21"),
        ("二O二二年十二月卅一日", "2022-12-31"),
        ("二○二二年三月廿五日", "2022-03-25"),
        ("二零二二年十月十日", "2022-10-10"),
        ("西元2019年2月21日", "2019-02-21"),
        ("公元二〇一九年二月二十一日", "2019-02-21"),
        ("2019年2⽉21⽇", "2019-02-21"),
        ("2O19年2月21日", "2019-02-21"),
    ]);
}

#[test]
fn english_forms_are_repaired() {
    check(&[
        ("Feb 21, 2019", "2019-02-21"),
        ("21 Feb 2019", "2019-02-21"),
        ("February 21st, 2019 6:56 PM", "2019-02-21 18:56"),
        ("21st of February, 2019", "2019-02-21"),
        ("21-Feb-2019", "2019-02-21"),
        ("2019-Feb-21", "2019-02-21"),
        ("Thu, 21 Feb 2019 06:56:01 +0800", "2019-02-21T06:56:01+08:00"),
        ("Thu, 21 Feb 2019 06:56:01 GMT", "2019-02-21T14:56:01+08:00"),
        ("Thu Feb 21 06:56:01 CST 2019", "2019-02-21T06:56:01+08:00"),
        ("Thu Feb 21 06:56:01 +0800 2019", "2019-02-21T06:56:01+08:00"),
        ("2019-02-21 06:56 p.m.", "2019-02-21 18:56"),
        ("2019-02-21 06:56 CST", "2019-02-21T06:56:00+08:00"),
        ("2019-02-21T06:56:01-0500", "ok 2019-02-21T19:56:01+08:00"),
        ("2019-02-21 06:56 UTC", "2019-02-21T14:56:00+08:00"),
    ]);
}

#[test]
fn what_is_no_day_or_two_is_an_error() {
    check(&[
        ("", "error: the date is empty"),
        ("2019-02-30", "error: there is no day 30 in month or week 2 of that year"),
        ("2019-02-29", "error: there is no day 29 in month or week 2 of that year"),
        ("2019-13-01", "error: there is no day 1 in month or week 13 of that year"),
        ("2019-00-10", "error: there is no day 10 in month or week 0 of that year"),
        ("02/03/2019", "error: this may mean 2019-03-02 or 2019-02-03"),
        ("2019-02", "error: the day is missing"),
        ("2019年2月", "error: the day is missing"),
        ("2019年", "error: the day is missing"),
        ("2月21日", "error: the year is missing"),
        ("Feb 21", "error: the year is missing"),
        ("19-02-21", "error: the year has two digits: it may count from 1900, 2000 or 1911"),
        ("99年2月21日", "error: the year has two digits: it may count from 1900, 2000 or 1911"),
        ("2019-02-21T25:61:00", "error: there is no such time of day"),
        ("2019-02-21 上午12:30", "error: this may mean 00:30 or 12:30"),
        ("99999999999999999999", "error: this is no date"),
        ("-9223372036854775808", "error: this is no date"),
        ("true", "error: this is no date"),
        ("{}", "error: this is no date"),
        ("[2019-02-21, 2019-02-22]", "error: `2019-02-22]` does not belong to a date"),
        ("yesterday", "error: the day is told from today, which nobody knows later"),
        ("昨天", "error: the day is told from today, which nobody knows later"),
        ("3小时前", "error: the day is told from today, which nobody knows later"),
        ("2019-02-21; rm -rf /", "error: `; rm -rf /` does not belong to a date"),
        ("2019-02-21 2019-02-22", "error: `2019-02-22` does not belong to a date"),
        ("\u{202e}12-20-9102", "error: hidden marks turn the direction of the text"),
        ("农历二〇一九年正月十七", "error: a day of the lunar calendar is not converted"),
        ("2019-02-21 06:56 IST", "error: `IST` does not tell the time zone"),
        ("0000-01-01", "error: the date is out of range"),
        ("2019022106", "error: this may mean hours or seconds since 1970"),
    ]);
}

#[test]
fn an_abbreviation_needs_a_site_in_one_of_its_zones() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(parse("2019-02-21 06:56 CST", &berlin), Err(DateError::Zone { name: "CST".to_owned() }));
    let chicago = TimeZone::get("America/Chicago").unwrap();
    assert_eq!(parse("2019-02-21 06:56 CST", &chicago).unwrap().at.rfc3339(), "2019-02-21T06:56:00-06:00");
}

#[test]
fn a_changed_clock_is_repaired_with_a_note() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    for text in ["2019-03-31 02:30", "2019-10-27 02:30"] {
        assert_eq!(parse(text, &berlin).unwrap().note, Some("clocks were changed that day"), "{text}");
    }
}

#[test]
fn a_wrong_weekday_is_noted() {
    assert_eq!(parse("2019年2月21日 星期五", &shanghai()).unwrap().note, Some("the weekday is another one"));
    assert_eq!(parse("2019年2月21日 星期四", &shanghai()).unwrap().note, None);
}

#[test]
fn moments_order_by_instant() {
    let at = |text| parse(text, &shanghai()).unwrap().at;
    assert!(at("2019-02-21") < at("2019-02-21 00:00") && at("2019-02-21 00:00") < at("2019-02-21 00:01"));
    assert!(at("2019-02-21T00:00:00Z") > at("2019-02-21 07:59"));
    assert!(at("1969-12-31T23:59:59.5Z") < at("1970-01-01T00:00:00Z"));
    assert_eq!((at("2019-12-31T17:00:00Z").year(), at("2019-12-31T17:00:00Z").month()), (2020, 1));
}

#[test]
fn finds_the_first_date_of_a_line() {
    let cases = [
        (
            "来源：某报 发布时间：2021-10-18 08:05:41 | 责任编辑：甲",
            Some(("2021-10-18 08:05:41", "2021-10-18 08:05:41")),
        ),
        ("2023年06月17日 09:40:11   来源：某网", Some(("2023年06月17日 09:40:11", "2023-06-17 09:40:11"))),
        ("（記者甲乙台北2日電）民國111年3月5日舉行", Some(("民國111年3月5日", "2022-03-05"))),
        ("發佈日期：1121027", Some(("1121027", "2023-10-27"))),
        ("1121027", Some(("1121027", "2023-10-27"))),
        ("二O二二年九月二十日", Some(("二O二二年九月二十日", "2022-09-20"))),
        ("date: 2019-05-13- 07:02", Some(("2019-05-13- 07:02", "2019-05-13 07:02"))),
        ("2018年11月20日 星期二", Some(("2018年11月20日 星期二", "2018-11-20"))),
        ("日期：2018-11-20（二）", Some(("2018-11-20（二）", "2018-11-20"))),
        ("2019年7月27至28日", Some(("2019年7月27", "2019-07-27"))),
        ("Posted on Tue, Mar 16, 2021 at 1:13 PM by A", Some(("Mar 16, 2021 at 1:13 PM", "2021-03-16 13:13"))),
        ("發布日期：111-03-05", Some(("111-03-05", "2022-03-05"))),
        ("更新時間：2021/3/16 下午 01:13:00", Some(("2021/3/16 下午 01:13:00", "2021-03-16 13:13"))),
        ("2021年3月16日发布，2021年3月17日更新", Some(("2021年3月16日", "2021-03-16"))),
        ("2021年3月16日星期二 13：13", Some(("2021年3月16日星期二 13：13", "2021-03-16 13:13"))),
        ("2021-03-16 更新 2021-03-17 08:00", Some(("2021-03-16", "2021-03-16"))),
        ("再办一次。（編輯：甲乙）1121027", Some(("1121027", "2023-10-27"))),
        ("民國111年9月20日 下午2:30　記者甲", Some(("民國111年9月20日 下午2:30", "2022-09-20 14:30"))),
        ("共有（合計）1121027人", None),
        ("得分 111-03-05", None),
        ("© 2010-2021 某网", None),
        ("2021年度工作", None),
        ("地址 192.168.1.20", None),
        ("公网安备62010200000329号", None),
        ("电话：0931-2019-0221", None),
        ("版本 2019.02.21.3", None),
        ("https://example.org/2019/02/21/a.html", None),
        ("7月22日上午9点", None),
        ("投资2019万元，增长3.5%", None),
        ("编号20190221", None),
    ];
    for (line, want) in cases {
        let found = find(line).map(|(range, read)| (line[range].to_owned(), read.at.written()));
        assert_eq!(found, want.map(|(text, date)| (text.to_owned(), date.to_owned())), "{line}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,60}") {
        let _ = (parse(&text, &shanghai()), find(&text));
    }

    #[test]
    fn any_text_of_date_pieces_is_read_without_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "2019", "02", "21", "99999999999", "0", "-", "/", "年", "月", "日", "民國", "元年", "二O二二", "十", "百", "廿", "下午", "上午", "晚上",
            ":", "时", "分", "秒", "半", "刻", "T", "Z", "+08:00", "CST", "Feb", "Thu", "星期四", "(四)", " ", "W", ".", "th",
            "\u{200b}", "\u{202e}", "２", "9999", "12", "31", "24:00", "-18:00",
        ]), 0..14)
    ) {
        let text = pieces.concat();
        let zone = TimeZone::get("America/New_York").unwrap();
        if let Ok(read) = parse(&text, &zone) {
            prop_assert_eq!(parse(&read.at.to_string(), &zone).unwrap().at, read.at);
        }
        if let Some((range, _)) = find(&text) {
            prop_assert!(text.get(range).is_some());
        }
    }

    #[test]
    fn what_is_rendered_reads_as_itself(second in -62_000_000_000i64..253_000_000_000, nano in 0i32..1_000_000_000, zone in
        prop::sample::select(vec!["Asia/Shanghai", "Asia/Taipei", "America/Los_Angeles", "UTC", "Pacific/Apia"])) {
        let zone = TimeZone::get(zone).unwrap();
        let written = jiff::Timestamp::new(second, if second < 0 { 0 } else { nano }).unwrap().to_string();
        let read = parse(&written, &zone).unwrap();
        let again = parse(&read.at.to_string(), &zone).unwrap();
        prop_assert_eq!(&again.at, &read.at);
        prop_assert_eq!(again.repaired, None);
        let day = parse(&read.at.day().to_string(), &zone).unwrap();
        prop_assert_eq!(day.at.day(), read.at.day());
    }
}
