//! Sorted places to the bytes of a shard, whose format is that of [`grams`](super::grams).

use super::bits::{Code, Writer, parameter};
use super::places::{Place, Widths};

/// Writes shards; keeps its memory for the next one.
#[derive(Default)]
pub(super) struct Encoder {
    head: Writer,
    lists: Writer,
    runs: Vec<u32>,
}

impl Encoder {
    /// Writes a shard of sorted places; `span` is how many hashes it can have.
    pub(super) fn encode<P: Place>(&mut self, places: &[P], widths: Widths, span: u64, digest: u64) -> Vec<u8> {
        let Encoder { head, lists, runs } = self;
        head.clear();
        lists.clear();
        head.write(Code::bits(u32::try_from(digest & 0xffff).unwrap_or(0), 16));
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let Some(codes) = Codes::new(places, widths, runs) else {
            head.write(Code::gamma(1));
            head.align();
            return head.bytes().to_vec();
        };
        head.write(Code::gamma(number(codes.lists.len()) + 1));
        head.write(Code::gamma(codes.articles));
        head.write(Code::gamma(codes.length));
        let k = parameter(span, codes.lists.len() as u64);
        let (mut rest, mut runs, mut end, mut next) = (places, runs.as_slice(), 0, 0);
        for &articles in &codes.lists {
            let (of_list, other_runs) = runs.split_at(articles as usize);
            let hash = rest[0].hash(widths);
            rest = codes.list(rest, of_list, lists);
            let before = std::mem::replace(&mut end, lists.align());
            head.all([Code::rice(hash - next, k), Code::gamma(number(end - before))]);
            (runs, next) = (other_runs, hash);
        }
        head.align();
        [head.bytes(), lists.bytes()].concat()
    }
}

/// What the codes of the lists of a shard are made for.
struct Codes {
    /// How many articles each list has.
    lists: Vec<u32>,
    widths: Widths,
    /// The highest number of an article + 1.
    articles: u32,
    /// Places an article has, about.
    length: u32,
    /// Parameter for the places of an article with so many of them.
    parameters: [u32; 32],
}

impl Codes {
    /// Looks at all places; none when there are none. `runs` becomes the numbers of places of the articles of the lists.
    fn new<P: Place>(places: &[P], widths: Widths, runs: &mut Vec<u32>) -> Option<Self> {
        let mut hash = places.first()?.hash(widths);
        let (mut lists, mut of_list) = (Vec::with_capacity(places.len() / 32), 0);
        let (mut articles, mut sum, mut start) = (0, 0, 0);
        end_runs(places, widths, runs);
        for run in runs.iter_mut() {
            let last = places[*run as usize - 1];
            let count = *run - std::mem::replace(&mut start, *run);
            *run = count;
            sum += length(last.at(widths), count);
            articles = articles.max(last.article(widths));
            if last.hash(widths) != hash {
                lists.push(std::mem::take(&mut of_list));
                hash = last.hash(widths);
            }
            of_list += 1;
        }
        lists.push(of_list);
        let length = u32::try_from(sum / runs.len() as u64).unwrap_or(u32::MAX >> 1).max(1);
        let parameters = std::array::from_fn(|places| parameter(u64::from(length), places as u64 + 1));
        Some(Codes { lists, widths, articles: articles + 1, length, parameters })
    }

    /// Writes the list that the first of some places belong to, by the numbers of places of its articles; gives the others.
    fn list<'p, P: Place>(&self, places: &'p [P], runs: &[u32], writer: &mut Writer) -> &'p [P] {
        let k = parameter(u64::from(self.articles), runs.len() as u64);
        writer.write(Code::gamma(u32::try_from(runs.len()).unwrap_or(u32::MAX)));
        let (mut rest, mut next) = (places, 0);
        for &run in runs {
            let (of_run, others) = rest.split_at(run as usize);
            let Some((first, more)) = of_run.split_first() else { continue };
            let number = first.article(self.widths);
            let article = Code::rice(number - next, k);
            (rest, next) = (others, number + 1);
            let k = match self.parameters.get(run as usize) {
                Some(&k) => k,
                None => parameter(u64::from(self.length), u64::from(run) + 1),
            };
            let at = first.at(self.widths);
            writer.all([article, Code::gamma(run), Code::rice(at, k)]);
            let mut next = at + 1;
            for place in more {
                let at = place.at(self.widths);
                writer.write(Code::rice(at - next, k));
                next = at + 1;
            }
        }
        rest
    }
}

/// Makes of `runs` the places behind the last of each article of each list. There is no branch in it: whether the next
/// article begins cannot be guessed.
fn end_runs<P: Place>(places: &[P], widths: Widths, runs: &mut Vec<u32>) {
    runs.resize(places.len(), 0);
    let mut count = 0;
    for (end, pair) in (1..).zip(places.windows(2)) {
        runs[count] = end;
        count += usize::from(pair[0].article_of(widths) != pair[1].article_of(widths));
    }
    runs[count] = u32::try_from(places.len()).unwrap_or(u32::MAX);
    runs.truncate(count + 1);
}

/// About how many places an article has in which a gram stands so many times, the last time at `last`.
#[inline]
fn length(last: u32, times: u32) -> u64 {
    let end = u64::from(last) + 1;
    end + end / u64::from(times)
}
