//! What a line of a page is when it is not text: breadcrumbs, share bars, related lists, notices of rights, advertisements.
//!
//! Takes one folded line, says its class. Position is not looked at here: a class says what a line looks like, the
//! reader of pages decides by its place whether to believe it.

use super::fold::{is_han, is_terminal};

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Blank,
    /// Running text.
    Prose,
    /// A short line: a title, a subhead, an item.
    Short,
    /// A long line without the end of a sentence.
    Loose,
    /// A section number that stands alone.
    Number,
    Ornament,
    Picture,
    Breadcrumb,
    Navigation,
    Share,
    /// The head of a list of other articles.
    Related,
    /// One other article (`上一篇：…`).
    Neighbour,
    Counter,
    Advertisement,
    Rights,
    Contact,
    Forum,
    Keywords,
    OriginalTitle,
    Credit,
    EndMark,
    Spam,
    /// Date, source, author or editor.
    Fields,
    /// Recurs on other pages.
    Learned,
    /// Outside what the markup calls the article.
    Outside,
}

impl Class {
    /// Says in the report why a line of this class was removed.
    pub(super) fn why(self) -> &'static str {
        match self {
            Class::Blank | Class::Prose | Class::Short | Class::Loose | Class::Number => "outside the text",
            Class::Ornament => "ornament",
            Class::Picture => "picture outside the text",
            Class::Breadcrumb => "breadcrumb",
            Class::Navigation => "navigation",
            Class::Share => "share bar",
            Class::Related => "related articles",
            Class::Neighbour => "neighbouring article",
            Class::Counter => "counter",
            Class::Advertisement => "advertisement",
            Class::Rights => "notice of rights",
            Class::Contact => "contact line",
            Class::Forum => "forum line",
            Class::Keywords => "keywords",
            Class::OriginalTitle => "original title",
            Class::Credit => "picture credit",
            Class::EndMark => "end mark",
            Class::Spam => "spam",
            Class::Fields => "read into fields",
            Class::Learned => "recurs on other pages",
            Class::Outside => "outside the article",
        }
    }

    /// Tells whether a line may be dropped between two paragraphs, where everything else stays.
    pub(super) fn is_furniture_anywhere(self) -> bool {
        matches!(
            self,
            Class::Ornament
                | Class::Breadcrumb
                | Class::Share
                | Class::Counter
                | Class::Advertisement
                | Class::Forum
                | Class::Neighbour
                | Class::Credit
                | Class::EndMark
                | Class::Outside
        )
    }

    /// Tells whether a line is no text of the article, wherever that is decided.
    pub(super) fn is_furniture(self) -> bool {
        !matches!(self, Class::Picture | Class::Blank | Class::Prose | Class::Short | Class::Loose | Class::Number)
    }
}

/// Whole lines, white space and marks left out; repeated words count once (`廣告 廣告`).
const WHOLE: &[(Class, &[&str])] = &[
    (
        Class::Advertisement,
        &[
            "广告",
            "我是广告",
            "请继续往下阅读",
            "继续往下阅读",
            "请往下继续阅读",
            "继续阅读",
            "advertisement",
            "advertisements",
            "ad",
            "ads",
            "推广",
            "赞助",
            "赞助商连结",
            "广告内容",
            "下滑查看更多",
            "往下看更多",
            "文章未完请往下看",
            "文未完请往下看",
            "以下内容为广告",
            "sponsored",
            "广告位招租",
            "向下滑动",
            "滑动查看更多",
            "猜你喜欢广告",
            "未完待续请往下阅读",
            "请往下阅读",
            "广告请继续往下阅读",
            "展开全文",
            "展开阅读全文",
        ],
    ),
    (
        Class::Share,
        &[
            "分享",
            "分享到",
            "分享至",
            "转发",
            "收藏",
            "打印",
            "打印本页",
            "关闭窗口",
            "关闭",
            "复制链接",
            "微信",
            "微博",
            "qq空间",
            "朋友圈",
            "纠错",
            "我要纠错",
            "点击加载更多",
            "加载更多",
            "返回顶部",
            "回到顶部",
            "查看全文",
            "查看原文",
            "阅读原文",
            "阅读全文",
            "看原文连结",
            "原文连结",
            "原文链接",
            "我要评论",
            "发表评论",
            "评论",
            "网友评论",
            "点赞",
            "在看",
            "加入好友",
            "字级放大",
            "字号",
            "字体",
            "大中小",
            "下一页",
            "上一页",
            "扫一扫",
            "其他",
            "赞",
            "踩",
            "举报",
            "推荐给好友",
            "微信扫一扫",
            "手机阅读",
            "听新闻",
            "朗读",
            "share",
            "print",
            "facebook",
            "line",
            "twitter",
            "留言",
            "无障碍阅读",
            "繁体",
            "简体",
            "english",
            "登录",
            "注册",
            "登入",
            "搜索",
            "搜寻",
            "分享到微博",
            "取消",
            "确定",
            "更多",
            "more",
            "copy",
            "返回列表",
            "返回",
            "点击收听",
            "追踪",
        ],
    ),
    (
        Class::Related,
        &[
            "相关阅读",
            "相关新闻",
            "相关报道",
            "相关报导",
            "相关文章",
            "相关内容",
            "相关链接",
            "相关资讯",
            "延伸阅读",
            "推荐阅读",
            "热门推荐",
            "热门文章",
            "热门新闻",
            "热门",
            "热点",
            "热点推荐",
            "热点排行",
            "热点新闻",
            "猜你喜欢",
            "你可能感兴趣",
            "你可能也喜欢",
            "大家都在看",
            "最新文章",
            "最新新闻",
            "最新消息",
            "即时热门",
            "即时新闻",
            "精彩推荐",
            "编辑推荐",
            "往期推荐",
            "往期回顾",
            "往期精选",
            "友情链接",
            "友站连结",
            "文章标签",
            "标签",
            "本类推荐",
            "排行榜",
            "点击排行",
            "阅读排行",
            "今日热点",
            "今日头条",
            "头条新闻",
            "图片新闻",
            "专题推荐",
            "关键字",
            "关键词",
            "tags",
            "tag",
            "相关标签",
            "更多新闻",
            "更多文章",
            "推荐新闻",
            "推荐文章",
            "人气文章",
            "人气新闻",
            "看更多",
            "熟悉的人也在看",
            "为你推荐",
            "为您推荐",
            "相关推荐",
            "相关专题",
            "延伸报道",
            "延伸报导",
            "网友热搜",
            "热搜",
            "版权和免责申明",
            "免责声明",
            "免责申明",
            "版权声明",
            "声明",
            "最热文章",
            "近期文章",
            "热点图片",
            "视频推荐",
            "精彩图片",
            "收录于合集",
            "网站地图",
            "联系我们",
            "关于我们",
            "24小时热文",
            "本月热门",
            "本周热门",
            "一周热点",
            "热门话题",
            "大家还在看",
            "更多精彩",
        ],
    ),
    (Class::EndMark, &["end", "完", "全文完", "正文完", "theend", "fin", "待续"]),
    (
        Class::Navigation,
        &[
            "menuicon",
            "searchicon",
            "sitelogo",
            "logo",
            "menu",
            "search",
            "empty",
            "null",
            "undefined",
            "nan",
            "home",
            "首页",
            "回首页",
            "loading",
            "skiptocontent",
            "skiptomaincontent",
            "主选单",
            "菜单",
            "导航",
        ],
    ),
];

/// Beginnings of lines; a line that goes on for long, or like a sentence, is not believed.
const HEADS: &[(Class, &[&str])] = &[
    (
        Class::Breadcrumb,
        &[
            "您现在的位置",
            "你现在的位置",
            "您当前的位置",
            "你当前的位置",
            "您当前位置",
            "当前位置",
            "现在位置",
            "目前位置",
            "所在位置",
            "您的位置",
            "你的位置",
            "您所在的位置",
            "您所在位置",
            "现在的位置",
            "网站首页",
        ],
    ),
    (
        Class::Share,
        &[
            "分享到",
            "分享至",
            "长按识别",
            "长按二维码",
            "长按/扫一扫",
            "长按图片",
            "扫一扫",
            "扫描二维码",
            "扫码",
            "关注公众号",
            "点击上方",
            "点击蓝字",
            "点上方",
            "下载客户端",
            "下载app",
            "下载本报",
            "字号:",
            "[字号",
            "字体:",
            "[字体",
            "【字",
            "查看全文",
            "查看原文",
            "阅读原文",
            "阅读全文",
            "点击查看",
            "点击阅读",
            "点击加载",
            "[纠错",
            "纠错",
            "推荐给好友",
            "加入好友",
            "我要评论",
            "点此",
            "欢迎关注",
            "微信扫",
            "微信搜索",
            "打印本页",
            "打印",
            "[打印",
            "[关闭",
            "关闭窗口",
            "[看原文",
            "看原文",
            "更多精彩内容",
            "欢迎分享",
            "收藏本",
            "用手机",
            "手机看",
            "听新闻",
            "加入line",
            "订阅",
            "立即下载",
            "免费下载",
            "点我",
            "本报app",
            "使用微信",
            "请用微信",
            "点击右上角",
            "在线客服",
        ],
    ),
    (
        Class::Neighbour,
        &[
            "上一篇",
            "下一篇",
            "上一则",
            "下一则",
            "上一条",
            "下一条",
            "上篇:",
            "下篇:",
            "前一篇",
            "后一篇",
            "上一页:",
            "下一页:",
            "prev:",
            "next:",
            "previous:",
        ],
    ),
    (
        Class::Related,
        &[
            "相关阅读",
            "相关新闻",
            "相关报道",
            "相关报导",
            "相关文章",
            "相关链接",
            "延伸阅读",
            "推荐阅读",
            "热门推荐",
            "猜你喜欢",
            "往期推荐",
            "往期回顾",
            "友情链接",
            "友站连结",
            "大家都在看",
            "收录于合集",
            "收录于话题",
            "即时热门",
            "热门新闻",
            "编辑推荐",
            "精彩推荐",
            "热点排行",
        ],
    ),
    (Class::OriginalTitle, &["原标题", "原题", "原文标题"]),
    (
        Class::Keywords,
        &["关键词:", "关键字:", "标签:", "tags:", "tag:", "文章标签:", "相关标签:", "labels:", "标记:", "keywords:"],
    ),
    (
        Class::Counter,
        &[
            "播放数",
            "播放量",
            "浏览次数",
            "浏览量",
            "阅读量",
            "阅读数",
            "点击数",
            "点击率",
            "人气:",
            "访问量",
            "访问次数",
            "评论数",
            "您是第",
            "你是第",
            "今日访问",
            "累计访问",
        ],
    ),
    (
        Class::Forum,
        &[
            "本帖最后由",
            "您需要登录后",
            "你需要登录后",
            "您需要登入",
            "登录后才",
            "登录|",
            "只看该作者",
            "查看:",
            "楼主|",
            "发表于",
            "回复此",
            "电梯直达",
            "马上注册",
            "本主题由",
            "快速回复",
            "立即注册",
            "还没有帐号",
        ],
    ),
    (
        Class::Rights,
        &[
            "版权所有",
            "版权声明",
            "版权归",
            "免责声明",
            "免责申明",
            "copyright",
            "©",
            "(c)",
            "声明:",
            "特别声明",
            "郑重声明",
            "本站声明",
            "转载声明",
            "转载请注明",
            "未经授权",
            "未经许可",
            "未经同意",
            "本文仅代表",
            "本文由",
            "本文来自",
            "凡注明",
            "凡本网",
            "凡本站",
            "凡注有",
            "侵权",
            "如有侵权",
            "如侵权",
            "提示:",
            "温馨提示:本",
            "网站标识码",
            "主办:",
            "主办单位:",
            "承办:",
            "承办单位:",
            "技术支持",
            "建议使用",
            "建议浏览器",
            "最佳浏览",
            "备案号",
            "许可证号",
            "不良信息",
            "违法和不良",
            "举报电话",
            "all rights",
            "powered by",
            "icp",
            "京icp",
            "投稿",
            "视听节目",
            "互联网新闻",
            "增值电信",
            "网络文化",
            "广播电视节目",
            "公网安备",
            "地址:",
            "邮编:",
            "客服信箱",
            "客服电话",
            "服务电话",
            "新闻热线",
            "广告热线",
        ],
    ),
    (
        Class::Contact,
        &[
            "联系电话",
            "联系人:",
            "电话:",
            "手机:",
            "微信:",
            "或微信",
            "qq:",
            "qq群",
            "加微信",
            "添加微信",
            "咨询电话",
            "咨询热线",
            "招商热线",
            "招商电话",
            "联系我们",
            "联系方式",
            "e-mail",
            "email",
            "邮箱:",
            "传真:",
            "客服",
        ],
    ),
];

/// Tells what a folded line looks like; `fold` must be trimmed.
pub(super) fn classify(fold: &str) -> Class {
    if fold.is_empty() {
        return Class::Blank;
    }
    let bare: String = fold.chars().filter(|c| c.is_alphanumeric()).collect();
    if bare.is_empty() {
        return Class::Ornament;
    }
    let length = fold.chars().count();
    if length <= 4 && bare.len() <= 2 && bare.bytes().all(|b| b.is_ascii_digit()) {
        return Class::Number;
    }
    if length <= 40
        && let Some(class) = whole(&bare)
    {
        return class;
    }
    if is_breadcrumb(fold, length) {
        return Class::Breadcrumb;
    }
    if let Some(class) = head(fold, length) {
        return class;
    }
    if let Some(class) = inside(fold, &bare, length) {
        return class;
    }
    form(fold, length)
}

/// A class of the whole line, counting a word that is said twice once.
fn whole(bare: &str) -> Option<Class> {
    let is = |text: &str| WHOLE.iter().find(|(_, words)| words.contains(&text)).map(|(class, _)| *class);
    if let Some(class) = is(bare) {
        return Some(class);
    }
    let half = bare.len() / 2;
    if bare.len().is_multiple_of(2) && bare.is_char_boundary(half) && bare[..half] == bare[half..] {
        return is(&bare[..half]);
    }
    // `我是廣告 請繼續往下閱讀`: two such words in a row.
    bare.char_indices().skip(1).find_map(|(at, _)| {
        let (first, second) = (is(&bare[..at])?, is(&bare[at..])?);
        (first == second && matches!(first, Class::Advertisement | Class::Share)).then_some(first)
    })
}

fn is_breadcrumb(fold: &str, length: usize) -> bool {
    if length > 80 || fold.contains('。') {
        return false;
    }
    let separators =
        fold.matches(['>', '»', '›']).count() - fold.matches(">>").count().min(fold.matches('>').count() / 2);
    let leads = ["首页", "主页", "home"].iter().any(|word| fold.trim_start_matches(['[', ' ']).starts_with(word));
    (separators >= 2 && !fold.contains("=>"))
        || (leads && (separators >= 1 || fold.contains('→') || fold.contains(" / ")))
}

fn head(fold: &str, length: usize) -> Option<Class> {
    let start = fold.trim_start_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '[' | '('
                    | '*'
                    | '-'
                    | '▶'
                    | '►'
                    | '●'
                    | '■'
                    | '◆'
                    | '☆'
                    | '★'
                    | '※'
                    | '|'
                    | '>'
                    | '#'
                    | '·'
                    | '•'
            )
    });
    let is_sentence = fold.contains('。') && length > 20;
    HEADS.iter().find_map(|(class, words)| {
        let word = words.iter().find(|word| start.starts_with(*word) || fold.starts_with(*word))?;
        let believed = match class {
            Class::Rights => rights(fold) >= 2 || (length <= 60 && !is_sentence) || strong_rights(word),
            Class::Contact => length <= 60 && digits(fold) >= 5 || length <= 16,
            Class::Breadcrumb | Class::OriginalTitle => length <= 160,
            Class::Keywords => length <= 300 && !is_sentence,
            Class::Counter => length <= 30,
            Class::Related | Class::Neighbour => length <= 60 && !fold.contains('。'),
            _ => length <= 60 && !is_sentence,
        };
        believed.then_some(*class)
    })
}

fn strong_rights(word: &str) -> bool {
    matches!(
        word,
        "版权所有"
            | "版权声明"
            | "免责声明"
            | "免责申明"
            | "copyright"
            | "©"
            | "(c)"
            | "凡注有"
            | "凡本网"
            | "凡本站"
            | "特别声明"
            | "郑重声明"
    )
}

/// How many different words of a notice of rights a line holds, from groups: who speaks, what about, what is asked.
pub(super) fn rights(fold: &str) -> usize {
    const GROUPS: &[&[&str]] = &[
        &[
            "本站",
            "本网",
            "本社",
            "本报",
            "本公司",
            "本平台",
            "本刊",
            "本台",
            "本文",
            "该文",
            "网站",
            "作者本人",
            "原作者",
            "稿件",
            "图文",
            "本公众号",
            "版权",
            "著作权",
        ],
        &[
            "转载", "转用", "转走", "转发", "搬运", "摘编", "镜像", "取用", "引用", "擅自", "剪辑", "复制", "链接",
            "翻印", "抄袭", "改编", "采集",
        ],
        &["授权", "许可", "同意", "不得", "请勿", "禁止", "必须", "务必", "谢绝", "严禁", "法律责任", "追究", "概不"],
        &[
            "出处",
            "注明",
            "署名",
            "归",
            "所有",
            "所属",
            "提供",
            "投稿",
            "收集",
            "来源于网络",
            "收集于",
            "整理自",
            "来自网络",
            "源网络",
            "图源",
            "来自互联网",
        ],
        &["侵权", "侵删", "冒犯", "不妥", "删除", "联系我们", "告知", "处理", "通知", "致函", "异议", "撤下"],
        &["仅供参考", "不代表", "观点", "立场", "投资建议", "真实性", "风险自担", "不构成"],
    ];
    GROUPS.iter().filter(|words| words.iter().any(|word| fold.contains(word))).count()
}

fn digits(fold: &str) -> usize {
    fold.bytes().filter(u8::is_ascii_digit).count()
}

/// What stands inside a line and says what it is.
fn inside(fold: &str, bare: &str, length: usize) -> Option<Class> {
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
    if length <= 60
        && !fold.contains('。')
        && any(&["二维码", "公众号", "微信号", "客户端", "看更多"])
        && any(&["扫", "关注", "加", "下载", "长按", "识别", "订阅", "点击"])
    {
        return Some(Class::Share);
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

/// The form of a line that no word gives away.
fn form(fold: &str, length: usize) -> Class {
    let ends = fold.trim_end().chars().next_back().is_some_and(is_terminal);
    let has_stop = fold.contains(['。', '!', '?', '…']) || (ends && fold.contains([';', ',', '、']));
    let latin = length >= 60 && fold.ends_with('.') && fold.contains(' ');
    match length {
        0..=9 if fold.contains('。') => Class::Prose,
        0..=14 => Class::Short,
        _ if fold.contains('。') || latin => Class::Prose,
        15..=39 if has_stop && ends && fold.contains([',', '、']) => Class::Prose,
        15..=45 => Class::Short,
        _ if has_stop && ends => Class::Prose,
        _ => Class::Loose,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold_line;
    use super::*;

    fn check(class: Class, lines: &[&str]) {
        for line in lines {
            assert_eq!(classify(fold_line(line).trim()), class, "{line}");
        }
    }

    #[test]
    fn knows_furniture_in_both_scripts() {
        check(Class::Breadcrumb, &["您現在的位置：首頁 > 要聞", "首頁 -> 頭條", "首页 › 新闻 › 正文"]);
        check(Class::Advertisement, &["廣告 廣告", "請繼續往下閱讀...", "我是廣告 請繼續往下閱讀", "［广告］"]);
        check(
            Class::Share,
            &[
                "分享到：",
                "【字號:",
                "查看全文>>",
                "掃一掃關注公眾號",
                "下載客戶端，閱讀更多精彩",
                "长按识别二维码关注",
            ],
        );
        check(Class::Related, &["相關閱讀", "更多某某報報導", "延伸閱讀：某市夜間公車", "标签："]);
        check(
            Class::Rights,
            &[
                "版權所有 某某網 電話：0000",
                "本站署名的稿件归本站所有,想要转载请先来信,不得镜像。",
                "本社文字與影音，非經授權，不得擅自轉用。",
            ],
        );
        check(Class::Contact, &["招商热线:400 0000 000", "或微信/手机:13500000000"]);
        check(Class::Counter, &["播放数：6400", "阅读 1.2万  点赞 36  在看 18"]);
        check(Class::Credit, &["（圖源網路，侵刪）", "（記者王小明攝）", "（图源：某网）"]);
        check(Class::Ornament, &["▼", "|", "……"]);
    }

    #[test]
    fn believes_no_sentence_to_be_furniture() {
        check(
            Class::Prose,
            &[
                "广告公司的老板说，去年少接了三成单子，今年想换个做法。",
                "相关新闻发布会将于下周在市政府举行，届时会公布全部名单。",
                "分享到最后，大家都站了起来，有人提议明年再办一次。",
                "他在版权局工作了三十年，退休后开始教孩子写字。",
            ],
        );
    }
}
