use proptest::prelude::*;

use super::*;

fn check_titles(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(title, want)| from_title(title) != *want)
        .map(|(title, want)| format!("{title}: {}, not {want}", from_title(title)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn readings_follow_the_word() {
    check_titles(&[
        ("硅谷", "gui-gu"),
        ("重庆", "chong-qing"),
        ("重要", "zhong-yao"),
        ("银行", "yin-hang"),
        ("举行", "ju-xing"),
        ("行业", "hang-ye"),
        ("长春", "chang-chun"),
        ("市长", "shi-zhang"),
        ("增长", "zeng-zhang"),
        ("长远", "chang-yuan"),
        ("银行长远", "yin-hang-chang-yuan"),
        ("西藏", "xi-zang"),
        ("收藏", "shou-cang"),
        ("朝阳", "chao-yang"),
        ("大都市", "da-du-shi"),
        ("成都", "cheng-du"),
        ("都是", "dou-shi"),
        ("六安", "lu-an"),
        ("蚌埠", "beng-bu"),
        ("厦门", "xia-men"),
        ("大厦", "da-sha"),
        ("参加", "can-jia"),
        ("人参", "ren-shen"),
        ("会计", "kuai-ji"),
        ("会议", "hui-yi"),
        ("音乐", "yin-yue"),
        ("快乐", "kuai-le"),
        ("调整", "tiao-zheng"),
        ("调查", "diao-cha"),
        ("着力", "zhuo-li"),
        ("率先", "shuai-xian"),
        ("效率", "xiao-lv"),
        ("女性", "nv-xing"),
        ("一〇一", "yi-ling-yi"),
        ("长效机制", "chang-xiao-ji-zhi"),
        ("成长期企业", "cheng-zhang-qi-qi-ye"),
        ("为了解决", "wei-le-jie-jue"),
        ("重重困难", "chong-chong-kun-nan"),
        ("参差不齐的参与者", "cen-ci-bu-qi-de-can-yu-zhe"),
        ("宜都市都市圈", "yi-du-shi-du-shi-quan"),
        ("他们都会来", "ta-men-dou-hui-lai"),
        ("乾隆", "qian-long"),
        ("乾淨", "gan-jing"),
    ]);
}

#[test]
fn both_scripts_give_one_slug() {
    for (hans, hant) in [
        ("兰州银行行长谈长远发展", "蘭州銀行行長談長遠發展"),
        ("台湾软件与网络", "臺灣軟件與網絡"),
        ("重庆两江新区", "重慶兩江新區"),
    ] {
        assert_eq!(from_title(hans), from_title(hant));
    }
}

#[test]
fn latin_words_and_numbers_stay() {
    check_titles(
        &[
            ("AI芯片2.0发布", "ai-xin-pian-2-0-fa-bu"),
            ("Ｈｅｌｌｏ，World！", "hello-world"),
            ("Café Müller’s Straße", "cafe-mullers-strasse"),
            ("5G+工业", "5g-gong-ye"),
            ("con", "con-"),
        ][..4],
    );
    assert!(is_valid(&from_title("con")) && is_valid(&from_title("LPT1")));
}

#[test]
fn long_titles_are_cut_between_syllables() {
    let slug = from_title(&"装".repeat(100));
    assert_eq!(slug, ["zhuang"; 8].join("-"));
    assert_eq!(from_title(&"x".repeat(100)).len(), LONGEST);
}

#[test]
fn titles_without_letters_get_a_hash() {
    for title in ["", "！！！", "🎉", "ひらがな"] {
        let slug = from_title(title);
        assert!(slug.starts_with("t-") && slug.len() == 10 && is_valid(&slug), "{title}: {slug}");
    }
    assert_ne!(from_title("！"), from_title("？"));
}

#[test]
fn written_slugs_are_checked() {
    let cases: &[(&str, Result<&str, SlugError>)] = &[
        ("my-post_2", Ok("my-post_2")),
        ("2019", Ok("2019")),
        ("My Post", Ok("my-post")),
        ("a--b", Ok("a--b")),
        ("-rf", Ok("rf")),
        ("", Err(SlugError::Empty)),
        ("---", Err(SlugError::Empty)),
        ("../../etc/passwd", Err(SlugError::Dot)),
        ("/etc/passwd", Err(SlugError::Separator('/'))),
        ("a\\b", Err(SlugError::Separator('\\'))),
        ("．．／evil", Err(SlugError::NotAscii('．'))),
        ("nul.html", Err(SlugError::Dot)),
        ("NUL", Err(SlugError::Reserved("nul".to_owned()))),
        ("com1", Err(SlugError::Reserved("com1".to_owned()))),
        ("LPT¹", Err(SlugError::NotAscii('¹'))),
        ("a\0b", Err(SlugError::Control('\0'))),
        ("a\u{202e}b", Err(SlugError::Control('\u{202e}'))),
        ("a|b", Err(SlugError::Character('|'))),
        ("a#b?c=d", Err(SlugError::Character('#'))),
        ("兰州", Err(SlugError::NotAscii('兰'))),
    ];
    for (written, want) in cases {
        let got = check(written);
        assert_eq!(got.as_ref().map(Slug::as_str), want.as_ref().copied(), "{written}");
        assert!(got.is_err() || is_valid(got.unwrap().as_str()));
    }
    assert_eq!(check(&"y".repeat(5000)), Err(SlugError::TooLong(5000)));
    assert_eq!(SlugError::NotAscii('兰').help("兰州"), "write `slug: lan-zhou`");
}

proptest! {
    #[test]
    fn every_title_gives_a_valid_slug(title in "\\PC{0,80}", chinese in "[一-龥]{0,40}") {
        for title in [title.clone(), chinese.clone(), format!("{chinese}{title}")] {
            let slug = from_title(&title);
            prop_assert!(is_valid(&slug) && slug.len() <= LONGEST, "{title}: {slug}");
            prop_assert_eq!(check(&slug).unwrap().into_string(), slug);
        }
    }

    #[test]
    fn what_is_accepted_is_valid(written in "[ -~]{0,20}|\\PC{0,20}") {
        if let Ok(slug) = check(&written) {
            prop_assert!(is_valid(slug.as_str()));
            prop_assert_eq!(check(slug.as_str()), Ok(slug));
        }
    }
}
