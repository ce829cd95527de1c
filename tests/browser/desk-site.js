// A small site with something for every section of the desk.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const LIGHT = [
  "鹭湾港务局昨天宣布，停用二十年的东岬灯塔将在下月初重新点亮。",
  "灯塔建于上世纪三十年代，塔身高二十八米，曾经是进出鹭湾港的船只辨认方向的依靠。",
  "港务局工程师林远介绍，新的光源换成了节能的发光二极管，射程可以达到十五海里。",
  "修缮工程从去年秋天开始，工人先加固了塔基，再把锈蚀的铁梯换成不锈钢的旋梯。",
  "塔内还辟出一间陈列室，展出老航标工留下的日志、煤油灯和手绘的海图。",
];
const FIRST = [
  ...LIGHT,
  "点亮当晚港口会鸣笛三声，市民可以在防波堤上观看，渡轮末班延长到晚上十点。",
  "整个工程花费三百六十万元，由港务局和文物部门分担。",
];
const SECOND = [
  ...LIGHT.slice(0, 4),
  "周末的点灯仪式吸引了八百多人，防波堤上站满了带着孩子的家庭，渡轮加开了两班。",
  "七十岁的老航标工陈阿水带来了自己保存的煤油灯，他说守塔的三十年里最怕的是大雾。",
  "文物部门的负责人表示，陈列室将免费开放到年底，中小学可以预约参观，讲解由志愿者担任。",
  "整个工程花费四百二十万元，比原先的预算多出六十万元，多出的部分用于加固塔基。",
];

const ARTICLES = {
  "dengta.md": `---\ntitle: 东岬灯塔下月重新点亮\ndate: 2024-03-02\nslug: dengta\nsource: 鹭湾样报\ncity: []\nprogram: []\ntags: [港口]\n---\n${FIRST.join("")}\n`,
  "dengta-later.md": `---\ntitle: 东岬灯塔点灯，八百人到场\ndate: 2024-04-07\nslug: dengta-later\nsource: 鹭湾样报\ncity: []\nprogram: []\ntags: [港口]\n---\n${SECOND.join("")}\n`,
  "lanzhou.md": "---\ntitle: 兰州开放实验室\ndate: 2024-05-01\nslug: lanzhou\nsource: 陇上样报\n---\n兰州市周五开放三家实验室，市民可以预约参观。记者在兰州新区看到，来的多是学生。\n",
  "mixed.md": "---\ntitle: 钟楼修好了\ndate: 2024-05-03\nslug: mixed\nsource: 鹭湾样报\ncity: []\nprogram: []\ntags: [港口]\n---\n钟楼上停了半年的钟修好了。師傅說，這座鐘的齒輪是手工磨的，关系到整点报时。廠里还有两只钟等着修，工人們每天上樓聽聲音。另外三只钟送去了外地。\n",
  "program.md": "---\ntitle: 青年返乡有了新去处\ndate: 2024-05-04\nslug: program\nsource: 鹭湾样报\ncity: []\ntags: [港口]\n---\n“渔火归航计划”昨天启动，第一批有十二名青年。按照“渔火归航计划”，返乡青年可以借用旧渔仓办工坊。参加“渔火归航计划”的人将领到两年的补贴。\n",
  "date.md": "---\ntitle: 渔市改在清晨开\ndate: 2024/5/5\nslug: date\nsource: 鹭湾样报\ncity: []\nprogram: []\ntags: [港口]\n---\n渔市从下周起改在清晨五点开市，卖到八点收摊，鱼价由协会每天公布，摊位费照旧。\n",
  "bare.md": "---\ntitle: 没有日期的短讯\nslug: bare\ncity: []\nprogram: []\ntags: [港口]\n---\n防波堤的路灯坏了两盏，居民希望早些换上，港务局答应本周处理，夜里走路要当心。\n",
};

/** Puts the site into a folder. */
export function fillDesk(work) {
  const put = (path, text) => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  };
  put("site.yaml", "title: 鹭湾档案\n");
  for (const [name, text] of Object.entries(ARTICLES)) put(`content/${name}`, text);
}
