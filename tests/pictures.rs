//! Pictures beside articles, in `static/` and on other sites, as pages show them.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::path::Path;

use crate::support::{attributes, expect, pages, tree, write};
use image::{ImageFormat, Rgb, RgbImage};

fn photograph(to: &Path, width: u32, height: u32) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    let grain = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes()[1];
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([grain(x, y), 90, 160]));
    picture.save_with_format(to, ImageFormat::Jpeg).unwrap();
}

const ARTICLE: &str = "---\ntitle: 河上新桥通车\ndate: 2024-05-01\n---\n新桥今天通车。\n\n![桥面](bridge.jpg)\n\n\
    <figure><img src=\"/imported/crowd.jpg\" alt=\"人群\" onerror=\"x()\"></figure>\n\n\
    ![远处的图](https://pictures.example/far.jpg)<img src=\"https://hm.baidu.com/hm.gif\"><img src=\"https://a.example/b.gif\" width=1 height=1>\n";

fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), &[("content/a.md", ARTICLE), ("site.yaml", "title: 图\nbase_url: https://a.example/x/\n")]);
    photograph(&site.path().join("content/bridge.jpg"), 700, 350);
    photograph(&site.path().join("content/unused.jpg"), 700, 350);
    photograph(&site.path().join("static/imported/crowd.jpg"), 640, 320);
    site
}

#[test]
fn pictures_have_widths_names_and_sizes() {
    let site = site();
    let (_, err) = expect(site.path(), &["build"], 0);
    assert!(!err.contains("image-"), "{err}");
    let first = tree(&site.path().join("public"));
    let page = &pages(&first)["zh-hant/2024/05/a/index.html"];
    let of = |name: &str| {
        page.split("<img ").nth(if name == "bridge" { 1 } else { 2 }).unwrap().split('>').next().unwrap().to_owned()
    };
    let bridge = format!("<img {}>", of("bridge"));
    assert!(bridge.contains(" width=\"700\" height=\"350\"") && !bridge.contains("lazy"), "{bridge}");
    assert!(bridge.contains(" decoding=\"async\"") && bridge.contains(" alt=\"橋面\""), "{bridge}");
    for address in attributes(&bridge, "srcset")[0].split(", ") {
        let (path, width) = address.strip_prefix("/x/").unwrap().split_once(' ').unwrap();
        let (real, _) = image::load_from_memory(&first[path]).unwrap().into_rgb8().dimensions();
        assert_eq!(width, format!("{real}w"));
        assert_eq!(path.ends_with(".webp"), real < 700, "copies are WebP: {path}");
    }
    let crowd = format!("<img {}>", of("crowd"));
    assert!(crowd.contains("loading=\"lazy\"") && crowd.contains("src=\"/x/imported/crowd.jpg\""), "{crowd}");
    assert!(crowd.contains("480w") && !crowd.contains("onerror"), "{crowd}");
    assert!(page.contains("https://pictures.example/far.jpg") && !page.contains("baidu") && !page.contains("b.gif"));
    assert!(page.contains("property=\"og:image\" content=\"https://a.example/x/assets/media/bridge."), "{page}");
    assert!(!first.keys().any(|path| path.contains("unused")));
    // Kept copies give the same bytes as new ones, and what is not used any more is forgotten.
    let cache = site.path().join(".jianfan/images");
    let kept = || std::fs::read_dir(&cache).unwrap().count();
    assert_eq!(kept(), 2);
    std::fs::remove_dir_all(site.path().join("public")).unwrap();
    expect(site.path(), &["build"], 0);
    assert!(tree(&site.path().join("public")) == first);
    expect(site.path(), &["build", "--no-cache"], 0);
    assert!(tree(&site.path().join("public")) == first);
    write(site.path(), &[("content/a.md", &ARTICLE.replace("![桥面](bridge.jpg)", ""))]);
    expect(site.path(), &["build"], 0);
    assert_eq!(kept(), 1);
}

#[test]
fn pictures_of_other_sites_go_by_the_settings() {
    let site = site();
    let built = |images: &str| {
        write(site.path(), &[("site.yaml", &format!("title: 图\nbase_url: https://a.example/\nimages: {images}\n"))]);
        expect(site.path(), &["build"], 0);
        pages(&tree(&site.path().join("public")))["zh-hans/2024/05/a/index.html"].clone()
    };
    let dropped = built("{remote: drop, copies: false}");
    assert!(dropped.contains("[远处的图]") && !dropped.contains("far.jpg") && !dropped.contains("srcset"), "{dropped}");
    let proxied = built("{remote: \"https://proxy.example/?u={url}\"}");
    let through = "src=\"https://proxy.example/?u=https%3A%2F%2Fpictures.example%2Ffar.jpg\"";
    assert!(proxied.contains(through), "{proxied}");
    write(site.path(), &[("site.yaml", "images: {remote: http://proxy.example/}\n")]);
    let (_, err) = expect(site.path(), &["build"], 1);
    assert!(
        err.contains("site.yaml:1:9: error[config-value]: `images`: `remote` is unknown or has a wrong value"),
        "{err}"
    );
}

#[test]
fn damaged_and_monstrous_pictures_are_said_and_published_as_they_are() {
    let site = site();
    let file = site.path().join("content/bridge.jpg");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let (_, err) = expect(site.path(), &["build"], 0);
    let full = "content/bridge.jpg: warning[image-damaged]: the picture cannot be read whole: its end is missing\n  \
                = help: save it again; until then it is published as it is, without smaller copies\n";
    assert!(err.contains(full), "{err}");
    let public = tree(&site.path().join("public"));
    assert!(public.iter().any(|(path, bytes)| path.contains("/bridge.") && bytes == &whole[..whole.len() / 2]));
    // A JPEG whose head says it has 65,000 by 65,000 pixels.
    let mut bomb = whole.clone();
    let head = bomb.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bomb[head + 5..head + 9].copy_from_slice(&[0xfd, 0xe8, 0xfd, 0xe8]);
    std::fs::write(&file, bomb).unwrap();
    let (_, err) = expect(site.path(), &["build"], 0);
    let full = "content/bridge.jpg: warning[image-damaged]: a picture of 65000 × 65000 pixels is too large to be read\n  \
                = help: save it again as JPEG, PNG or WebP, no larger than a page needs; until then it is published as it is\n";
    assert!(err.contains(full), "{err}");
    write(site.path(), &[("content/a.md", &ARTICLE.replace("/imported/crowd.jpg", "/imported/gone.jpg"))]);
    let (_, err) = expect(site.path(), &["build"], 0);
    assert!(err.contains("warning[image-missing]: there is no picture `/imported/gone.jpg` below `static/`"), "{err}");
}
