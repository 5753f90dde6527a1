use super::*;

/// Two high, three wide:  10 20 30
///                        40 50 60
const PICTURE: [u8; 6] = [10, 20, 30, 40, 50, 60];
const SHAPE: Shape = Shape::Maps { channels: 1, height: 2, width: 3 };

fn settings(text: &str) -> Augmentation {
    toml::from_str(text).unwrap()
}

fn changed(settings: &Augmentation, pixels: &[u8], shape: Shape, sample: usize) -> Vec<u8> {
    settings.changed(pixels, shape, 7, (1, 1, sample))
}

fn message(text: &str) -> String {
    settings(text).check().unwrap_err().to_string()
}

#[test]
fn flips_are_mirrors() {
    let both = |text: &str| changed(&settings(text), &PICTURE, SHAPE, 0);
    assert_eq!(both("flip_horizontal = 1.0"), [30, 20, 10, 60, 50, 40]);
    assert_eq!(both("flip_vertical = 1"), [40, 50, 60, 10, 20, 30]);
    assert_eq!(both("flip_vertical = 1.0\nflip_horizontal = 1.0"), [60, 50, 40, 30, 20, 10]);
}

#[test]
fn half_of_the_pictures_are_flipped_by_true() {
    let settings = settings("flip_horizontal = true");
    let flipped = |sample: &usize| changed(&settings, &PICTURE, SHAPE, *sample) != PICTURE;
    let count = (0..1_000).filter(flipped).count();
    assert!((450..550).contains(&count), "{count}");
}

/// Shifts, zooms and turns by known amounts, against pixels by hand.
#[test]
fn pictures_move_by_bilinear_sampling_and_their_border_goes_on() {
    let change = |matrix, shift| {
        let moved = Change { matrix, shift, gain: 1.0, lift: 0.0, cut: None };
        moved.applied(&PICTURE, (2, 3), 0)
    };
    let same = [[1.0, 0.0], [0.0, 1.0]];
    assert_eq!(change(same, [1.0, 0.0]), [10, 10, 20, 40, 40, 50]);
    assert_eq!(change(same, [0.0, -1.0]), [40, 50, 60, 40, 50, 60]);
    assert_eq!(change(same, [0.5, 0.0]), [10, 15, 25, 40, 45, 55]);
    // Twice as large about the center, (1.5, 1): x comes from 1 and 1.5 and 2, y from 0.75 and 1.25.
    assert_eq!(change([[0.5, 0.0], [0.0, 0.5]], [0.0, 0.0]), [23, 28, 33, 38, 43, 48]);
    // A quarter turn clockwise: the top comes from the left.
    let quarter = Change {
        matrix: [[0.0, 1.0], [-1.0, 0.0]],
        shift: [0.0, 0.0],
        gain: 1.0,
        lift: 0.0,
        cut: None,
    };
    assert_eq!(
        quarter.applied(&[1, 2, 3, 4, 5, 6, 7, 8, 9], (3, 3), 0),
        [7, 4, 1, 8, 5, 2, 9, 6, 3]
    );
}

#[test]
fn a_turn_is_drawn_in_degrees_either_way() {
    // A bright pixel right of the center moves along a circle.
    let shape = Shape::Maps { channels: 1, height: 21, width: 21 };
    let mut pixels = vec![0; 441];
    pixels[10 * 21 + 18] = 255;
    let settings = settings("turn = 90.0");
    let (mut up, mut down) = (0, 0);
    for sample in 0..100 {
        let picture = changed(&settings, &pixels, shape, sample);
        let brightest = (0..441).max_by_key(|&index| picture[index]).unwrap();
        let (row, column) = (brightest / 21, brightest % 21);
        assert!(column >= 9, "{row} {column}");
        up += usize::from(row < 10);
        down += usize::from(row > 10);
    }
    assert!(up > 30 && down > 30, "{up} {down}");
}

#[test]
fn tones_change_about_middle_gray_and_stop_at_black_and_white() {
    let toned = |gain, lift| {
        let same = [[1.0, 0.0], [0.0, 1.0]];
        let change = Change { matrix: same, shift: [0.0, 0.0], gain, lift, cut: None };
        change.applied(&[0, 100, 255], (1, 3), 0)
    };
    assert_eq!(toned(1.0, 20.0), [20, 120, 255]);
    assert_eq!(toned(1.0, -20.4), [0, 80, 235]);
    assert_eq!(toned(0.5, 0.0), [64, 114, 191]);
    assert_eq!(toned(2.0, 0.0), [0, 73, 255]);
}

#[test]
fn a_square_is_cut_out_of_every_channel() {
    let shape = Shape::Maps { channels: 2, height: 20, width: 30 };
    let settings = settings("cut_out = 0.25");
    let picture = changed(&settings, &[200; 1_200], shape, 3);
    let cut = picture.iter().map(|&pixel| usize::from(pixel == 7)).sum::<usize>();
    // Five by five, less what lies beyond the border.
    assert!(cut > 0 && cut <= 50 && cut.is_multiple_of(2), "{cut}");
    let places = |channel: &[u8]| channel.iter().map(|&pixel| pixel == 7).collect::<Vec<_>>();
    assert_eq!(places(&picture[..600]), places(&picture[600..]));
    assert!(picture.iter().all(|&pixel| pixel == 7 || pixel == 200));
}

#[test]
fn channels_stay_together() {
    let shape = Shape::Maps { channels: 3, height: 2, width: 3 };
    let pixels = [PICTURE, PICTURE, PICTURE].concat();
    let everything = settings(
        "flip_horizontal = true\nshift = 0.2\nturn = 20\nzoom = 1.3\nbrightness = 0.1\ncontrast = 0.3",
    );
    let picture = changed(&everything, &pixels, shape, 5);
    assert_eq!(picture[..6], picture[6..12]);
    assert_eq!(picture[..6], picture[12..]);
}

#[test]
fn what_is_drawn_depends_on_seed_epoch_and_sample() {
    let settings = settings("shift = 3.0\nturn = 10.0");
    let shape = Shape::Maps { channels: 1, height: 9, width: 9 };
    let pixels: Vec<u8> = (0..81).collect();
    let picture = |seed, epoch, sample| settings.changed(&pixels, shape, 0, (seed, epoch, sample));
    assert_eq!(picture(1, 2, 3), picture(1, 2, 3));
    for other in [picture(2, 2, 3), picture(1, 3, 3), picture(1, 2, 4)] {
        assert_ne!(picture(1, 2, 3), other);
    }
}

#[test]
fn ranges_are_checked() {
    assert_eq!(
        message("flip_horizontal = 1.5"),
        "`flip_horizontal` must be a share of the pictures from 0 to 1, true or false, not 1.5"
    );
    for wrong in ["shift = 1.5", "shift = -0.1", "cut_out = 2.5", "cut_out = nan"] {
        let message = message(wrong);
        assert!(
            message.contains("a share from 0 to below 1, or a whole number of pixels"),
            "{message}"
        );
    }
    assert_eq!(message("turn = 181.0"), "`turn` must be from 0 to 180 degrees, not 181");
    assert_eq!(message("zoom = 0.5"), "`zoom` must be from 1 (no zoom) to 4, not 0.5");
    assert_eq!(message("contrast = 1.0"), "`contrast` must be from 0 to below 1, not 1");
    assert!(message("brightness = -0.2").starts_with("`brightness` must be"));
    assert!(message("shift = 0.0").contains("leave pictures as they are"));
    assert!(settings("shift = 2.0").check().is_ok());
}
