//! Signs inside a line that say what it is: a notice of rights, a request to follow, counters, credits.

use super::Class;
use super::words::rights;
use crate::import::fold::is_han;

/// What stands inside a line and says what it is.
pub(super) fn inside(fold: &str, bare: &str, length: usize) -> Option<Class> {
    if length <= 30 && is_credit(fold) {
        return Some(Class::Credit);
    }
    let any = |words: &[&str]| words.iter().any(|word| fold.contains(word));
    if length <= 200
        && any(&[
            "版权所有",
            "copyright",
            "©",
            "icp备",
            "icp证",
            "公网安备",
            "许可证号",
            "网站标识码",
            "京网文",
            "all rights reserved",
        ])
        && !fold.contains('。')
    {
        return Some(Class::Rights);
    }
    if rights(fold) >= 3
        || (rights(fold) >= 2
            && length <= 50
            && any(&["侵删", "侵权", "未经", "非经", "请勿", "转载", "不代表", "版权", "著作权", "仅供参考"]))
    {
        return Some(Class::Rights);
    }
    if length <= 90
        && longest_number(fold) >= 7
        && any(&["电话", "热线", "微信", "手机", "qq", "招商", "加盟", "租售", "咨询", "联系", "客服", "传真", "tel"])
    {
        return Some(Class::Contact);
    }
    if length <= 70 && !fold.contains('。') && asks_to_follow(fold) || is_size_bar(fold) {
        return Some(Class::Share);
    }
    if fold.starts_with('#')
        && fold.split_whitespace().all(|word| word.starts_with('#') && word.len() > 1 && !word.starts_with("##"))
    {
        return Some(Class::Keywords);
    }
    if length <= 30 && fold.starts_with("更多") && any(&["报导", "报道", "新闻", "文章", "内容", "资讯", "精彩"])
    {
        return Some(Class::Related);
    }
    if length <= 50 && counters(fold) >= 2 {
        return Some(Class::Counter);
    }
    if length <= 60
        && any(&["位访客", "浏览解析度", "最佳浏览", "浏览器观看", "ie浏览", "解析度"])
        && !fold.contains('。')
    {
        return Some(Class::Rights);
    }
    if length <= 60
        && list_items(fold) >= 3
        && any(&[
            "首页",
            "登录",
            "注册",
            "登入",
            "联系我们",
            "关于我们",
            "网站地图",
            "新闻",
            "财经",
            "体育",
            "娱乐",
            "服务",
            "公开",
            "互动",
            "搜索",
            "科技",
            "国际",
            "社会",
        ])
    {
        return Some(Class::Navigation);
    }
    if length <= 60
        && !bare.chars().any(is_han)
        && bare.chars().count() <= 14
        && !fold.contains(['.', '!', '?'])
        && bare.chars().all(|c| c.is_ascii_alphabetic())
    {
        return Some(Class::Navigation);
    }
    None
}

fn longest_number(fold: &str) -> usize {
    let (mut best, mut run) = (0, 0);
    for b in fold.bytes() {
        match b {
            b'0'..=b'9' => run += 1,
            b'-' | b' ' if run > 0 => {}
            _ => run = 0,
        }
        best = best.max(run);
    }
    best
}

/// How many counters a line holds: `阅读 1.2万 点赞 36 在看 18`.
fn counters(fold: &str) -> usize {
    ["阅读", "点赞", "在看", "浏览", "评论", "人气", "点击", "收藏", "转发", "回复", "查看", "播放", "分享", "赞"]
        .iter()
        .filter(|word| {
            fold.match_indices(*word).any(|(at, word)| {
                fold[at + word.len()..]
                    .trim_start_matches([' ', ':', '(', '数', '量', '次'])
                    .starts_with(|c: char| c.is_ascii_digit())
            })
        })
        .count()
}

/// `（記者洪友方攝）`, `（图源网络）`: a line that is nothing but the credit of a picture.
fn is_credit(fold: &str) -> bool {
    let inner = fold.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '。'));
    let is_whole = inner.chars().count() + 2 >= fold.chars().count() || fold.starts_with('(') && fold.ends_with(')');
    let ends =
        ["摄", "供图", "提供", "翻摄", "资料照", "资料图", "资料图片", "摄影"].iter().any(|word| inner.ends_with(word));
    let heads = [
        "图源",
        "图片来源",
        "图/",
        "图:",
        "图自",
        "图片:",
        "摄影:",
        "摄影/",
        "图片由",
        "photo:",
        "photo by",
        "(图",
        "图片来自",
    ]
    .iter()
    .any(|word| inner.starts_with(word));
    is_whole && (heads || (ends && (fold.starts_with('(') || fold.starts_with("记者") || fold.starts_with('['))))
}

/// How many items a line separated by bars, or by spaces, has.
pub(super) fn list_items(fold: &str) -> usize {
    if fold.contains('|') {
        return fold.split('|').filter(|item| !item.trim().is_empty()).count();
    }
    fold.split_whitespace().filter(|item| item.chars().any(is_han)).count()
}

/// `下載某報APP，天天看新聞`, `点我订阅某某频道`: what to do, and where.
fn asks_to_follow(fold: &str) -> bool {
    let any = |words: &[&str]| words.iter().any(|word| fold.contains(word));
    any(&[
        "扫",
        "关注",
        "加入",
        "下载",
        "长按",
        "识别",
        "订阅",
        "点击",
        "点我",
        "按我",
        "追踪",
        "按赞",
        "加好友",
        "紧贴",
    ]) && any(&[
        "二维码",
        "公众号",
        "微信号",
        "客户端",
        "app",
        "频道",
        "粉丝",
        "好友",
        "line",
        "youtube",
        "telegram",
        "群组",
        "电子报",
        "小程序",
        "视频号",
        "看更多",
    ])
}

/// `字号 超大 大 中 小`, `【大 中 小】`.
fn is_size_bar(fold: &str) -> bool {
    let words = [
        "字号",
        "字体",
        "字级",
        "字",
        "超大",
        "特大",
        "大",
        "标准",
        "中",
        "小",
        "放大",
        "缩小",
        "默认",
        "大中小",
        "a",
        "a-",
        "a+",
    ];
    let separator = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | ':' | '|' | '/' | '(' | ')');
    let mut parts = fold.split(separator).filter(|part| !part.is_empty()).peekable();
    fold.chars().count() <= 24
        && parts.peek().is_some()
        && parts.all(|part| words.contains(&part))
        && fold.contains(['大', '小', '字'])
}
