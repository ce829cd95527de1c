//! Smaller copies of pictures, always WebP.
//!
//! Why WebP: every browser of the last five years reads it, at the same look it weighs two thirds of a JPEG or less, and
//! libwebp makes it in a tenth of a second; AVIF would take seconds a picture. What reads no WebP takes the picture itself.
//! Whatever is drawn and not photographed (few bytes a pixel, transparency, animation) stays as its maker saved it.
//!
//! Pictures are hostile: what one decoder may take is bounded before a pixel is read. Same bytes in, same bytes out: one
//! thread a picture, arithmetic that is the same on every machine.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// How copies are made; a change that gives other bytes is a new number, and so a new name.
pub(super) const RECIPE: u8 = 2;

/// Widths of copies: a telephone, a telephone with a fine screen or a desk, a desk with a fine screen.
const WIDTHS: [u32; 3] = [480, 960, 1440];

/// Quality of copies, of 100.
const QUALITY: f32 = 75.0;

/// The most pixels a WebP has from side to side.
const LONGEST: u64 = 16_383;

/// The most pixels of a picture that is read, and the most bytes its decoder may take.
const MOST_PIXELS: u64 = 50_000_000;
const MOST_BYTES: u64 = 400 << 20;

/// Fewer bytes a pixel than this, in hundredths, are a drawing: a smaller photograph of it would be larger, and blurred.
const DRAWING: u64 = 60;

/// What the head of a picture says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Width and height, turned as it is shown.
    pub(super) size: (u32, u32),
    /// Widths of the copies worth making, the smallest first.
    pub(super) widths: Vec<u32>,
}

/// Reads the head of a JPEG, PNG or WebP; none for other files, a reason for damaged or monstrous ones.
pub(super) fn look(bytes: &[u8]) -> Option<Result<Seen, String>> {
    let format = image::guess_format(bytes).ok()?;
    matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP).then(|| head(bytes, format))
}

fn head(bytes: &[u8], format: ImageFormat) -> Result<Seen, String> {
    let mut decoder = decoder(bytes)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        return Err(format!("a picture of {width} × {height} pixels is too large to be read"));
    }
    // A damaged note on how to turn the picture is no reason not to show it.
    let turned = decoder.orientation().is_ok_and(is_turned);
    let size = if turned { (height, width) } else { (width, height) };
    let hundredths = bytes.len() as u64 * 100 / pixels.max(1);
    let photograph = match format {
        ImageFormat::Jpeg => true,
        _ => !decoder.color_type().has_alpha() && hundredths >= DRAWING && !moves(bytes, format),
    };
    let fits = |width: u32| u64::from(width) * u64::from(size.1) / u64::from(size.0.max(1)) <= LONGEST;
    let widths = WIDTHS.into_iter().filter(|&width| photograph && width * 5 <= size.0 * 4 && fits(width)).collect();
    Ok(Seen { size, widths })
}

/// Makes a WebP of this width.
pub(super) fn to_width(bytes: &[u8], width: u32) -> Result<Vec<u8>, String> {
    let mut decoder = decoder(bytes)?;
    let (full, tall) = decoder.dimensions();
    if u64::from(full) * u64::from(tall) > MOST_PIXELS {
        return Err(format!("a picture of {full} × {tall} pixels is too large to be read"));
    }
    if ends_early(bytes) {
        return Err("its end is missing".to_owned());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| "its pixels cannot be read".to_owned())?;
    // Turned after it is small: a copy is as wide as the picture is shown.
    let (across, down) = if is_turned(orientation) { (tall, full) } else { (full, tall) };
    let height = u64::from(width) * u64::from(down) / u64::from(across).max(1);
    let height = u32::try_from(height).unwrap_or(u32::MAX).max(1);
    let (width, height) = if is_turned(orientation) { (height, width) } else { (width, height) };
    picture = DynamicImage::ImageRgb8(picture.into_rgb8());
    if picture.width() >= 4 * width {
        // Averages of whole boxes first: the finer filter reads every pixel many times.
        picture = picture.thumbnail_exact(2 * width, 2 * height);
    }
    picture = picture.resize_exact(width, height, FilterType::CatmullRom);
    picture.apply_orientation(orientation);
    let picture = picture.into_rgb8();
    let size = picture.dimensions();
    let encoded = webp::Encoder::from_rgb(picture.as_raw(), size.0, size.1)
        .encode_simple(false, QUALITY)
        .map_err(|_| "it has no pixels".to_owned())?;
    Ok(match profile {
        Some(profile) => with_profile(&encoded, &profile, size),
        None => encoded.to_vec(),
    })
}

/// The same WebP with a colour profile, without which the pictures of telephones look paler.
///
/// Such a file says more of itself before its picture (WebP Container Specification, "Extended File Format").
fn with_profile(webp: &[u8], profile: &[u8], (width, height): (u32, u32)) -> Vec<u8> {
    let mut head = vec![0x20, 0, 0, 0];
    for side in [width, height] {
        head.extend_from_slice(&(side.max(1) - 1).to_le_bytes()[..3]);
    }
    let mut chunks = b"WEBP".to_vec();
    for (name, bytes) in [(b"VP8X", head.as_slice()), (b"ICCP", profile)] {
        chunks.extend_from_slice(name);
        chunks.extend_from_slice(&length(bytes));
        chunks.extend_from_slice(bytes);
        chunks.resize(chunks.len().next_multiple_of(2), 0);
    }
    chunks.extend_from_slice(webp.get(CONTAINER..).unwrap_or_default());
    [b"RIFF".as_slice(), &length(&chunks), &chunks].concat()
}

/// Bytes before the first chunk of a WebP: `RIFF`, a length, `WEBP`.
const CONTAINER: usize = 12;

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

/// Tells whether these are the bytes of a whole copy: it says itself how long it is.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..CONTAINER) == Some(b"WEBP") && bytes[4..8] == length(&bytes[8..])
}

fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder + '_, String> {
    // The decoder's own words speak of its insides.
    let damaged = || "the head of the picture cannot be read".to_owned();
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| damaged())?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    reader.into_decoder().map_err(|_| damaged())
}

fn is_turned(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

fn moves(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Png => PngDecoder::new(Cursor::new(bytes)).is_ok_and(|png| png.is_apng().unwrap_or(true)),
        ImageFormat::WebP => WebPDecoder::new(Cursor::new(bytes)).is_ok_and(|webp| webp.has_animation()),
        _ => false,
    }
}

/// A JPEG that was cut short decodes to a picture with a grey lower half, without an error.
fn ends_early(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8]) && !bytes.windows(2).any(|pair| pair == [0xff, 0xd9])
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn photograph(width: u32, height: u32) -> RgbImage {
        // Left half dark, right half light, with grain that no PNG packs well.
        RgbImage::from_fn(width, height, |x, y| {
            let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes()[1] / 2;
            Rgb(if x * 2 < width { [grain, 40, 20] } else { [128 + grain, 200, 220] })
        })
    }

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// The same JPEG with a note that it is shown turned by a quarter to the right.
    fn turned(jpeg: &[u8]) -> Vec<u8> {
        let tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let length = u16::try_from(tiff.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, tiff, &jpeg[2..]].concat()
    }

    #[test]
    fn makes_smaller_copies_that_look_alike() {
        let jpeg = encoded(photograph(1300, 650), ImageFormat::Jpeg);
        assert_eq!(look(&jpeg), Some(Ok(Seen { size: (1300, 650), widths: vec![480, 960] })));
        let small = to_width(&jpeg, 480).unwrap();
        assert_eq!(small, to_width(&jpeg, 480).unwrap(), "the same bytes again");
        let seen = image::load_from_memory(&small).unwrap().into_rgb8();
        assert_eq!(seen.dimensions(), (480, 240));
        assert!(seen.get_pixel(100, 100)[1] < 90 && seen.get_pixel(380, 100)[1] > 150);
        assert!(small.len() * 4 < jpeg.len() && is_whole(&small) && !is_whole(&small[..small.len() - 1]));
    }

    #[test]
    fn turns_what_is_shown_turned() {
        let jpeg = turned(&encoded(photograph(1200, 600), ImageFormat::Jpeg));
        assert_eq!(look(&jpeg).unwrap().unwrap(), Seen { size: (600, 1200), widths: vec![480] });
        let seen = image::load_from_memory(&to_width(&jpeg, 480).unwrap()).unwrap().into_rgb8();
        assert_eq!(seen.dimensions(), (480, 960));
        assert!(seen.get_pixel(240, 100)[1] < 90 && seen.get_pixel(240, 860)[1] > 150, "the left is up");
    }

    #[test]
    fn keeps_the_colours_of_a_profile() {
        let profile = b"a profile of odd length";
        let mut jpeg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
        image::ImageEncoder::set_icc_profile(&mut encoder, profile.to_vec()).unwrap();
        encoder.encode_image(&photograph(800, 400)).unwrap();
        let small = to_width(&jpeg, 480).unwrap();
        assert!(is_whole(&small));
        let mut decoder = WebPDecoder::new(Cursor::new(&small)).unwrap();
        assert_eq!(decoder.dimensions(), (480, 240));
        assert_eq!(decoder.icc_profile().unwrap().as_deref(), Some(profile.as_slice()));
        assert!(DynamicImage::from_decoder(decoder).unwrap().into_rgb8().get_pixel(380, 100)[1] > 150);
    }

    #[test]
    fn makes_no_copy_that_webp_cannot_hold() {
        // 700 pixels wide, 26,000 high: 480 would still be too high.
        let jpeg = encoded(photograph(700, 26_000), ImageFormat::Jpeg);
        assert_eq!(look(&jpeg).unwrap().unwrap().widths, [0; 0]);
    }

    #[test]
    fn leaves_drawings_alone() {
        let flat = RgbImage::from_pixel(2000, 1000, Rgb([200, 10, 10]));
        assert!(look(&encoded(flat, ImageFormat::Png)).unwrap().unwrap().widths.is_empty());
        let clear = RgbaImage::from_fn(800, 800, |x, y| Rgba([x as u8, y as u8, (x * y) as u8, 90]));
        assert!(look(&encoded(clear, ImageFormat::Png)).unwrap().unwrap().widths.is_empty());
        assert_eq!(look(&encoded(photograph(900, 400), ImageFormat::Png)).unwrap().unwrap().widths, [480]);
        assert_eq!(look(b"not a picture"), None);
        assert_eq!(look(b"GIF89a"), None);
    }

    #[test]
    fn bounds_what_is_hostile() {
        let jpeg = encoded(photograph(600, 300), ImageFormat::Jpeg);
        assert_eq!(to_width(&jpeg[..jpeg.len() / 2], 480), Err("its end is missing".to_owned()));
        assert!(look(&jpeg[..8]).unwrap().is_err());
        // A PNG of some bytes that says it has ten thousand million pixels.
        let mut png = encoded(photograph(4, 4), ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
        assert!(look(&png).unwrap().is_err());
        assert!(to_width(&png, 480).is_err());
        let cut = encoded(photograph(600, 300), ImageFormat::Png);
        assert!(to_width(&cut[..cut.len() / 2], 480).is_err());
        let webp = encoded(photograph(600, 300), ImageFormat::WebP);
        assert!(to_width(&webp[..webp.len() / 2], 480).is_err());
        let jpeg = encoded(photograph(600, 40), ImageFormat::Jpeg);
        for at in (0..jpeg.len()).step_by(jpeg.len() / 40) {
            let mut broken = jpeg.clone();
            broken[at] ^= 0xff;
            // Whatever comes of it, it comes: a picture or a reason.
            let _ = (look(&broken), to_width(&broken, 480));
        }
    }
}
