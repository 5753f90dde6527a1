//! The sizes of a convolution and how tiles cover its output.

/// Outputs of a tile in each direction.
pub(super) const TILE: usize = 4;

/// The sizes of a 3x3 convolution of stride 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Images.
    pub batch: usize,
    /// Channels of the input.
    pub channels: usize,
    /// Channels of the output.
    pub filters: usize,
    /// Height of the input in pixels.
    pub height: usize,
    /// Width of the input in pixels.
    pub width: usize,
    /// Rows and columns of zeros on each side, at most 2.
    pub padding: [usize; 2],
}

impl Shape {
    /// Height and width of the output, if the kernel fits the input and the paddings are at most 2.
    #[must_use]
    pub fn output(&self) -> Option<[usize; 2]> {
        let side = |length: usize, padding: usize| {
            let padded = length.checked_add(padding.checked_mul(2)?)?;
            padded.checked_sub(2).filter(|&side| side > 0 && padding <= 2)
        };
        Some([side(self.height, self.padding[0])?, side(self.width, self.padding[1])?])
    }

    /// The convolution that gives the gradient of this one's input from that of its output.
    pub(super) fn reversed(&self, output: [usize; 2]) -> Self {
        Self {
            batch: self.batch,
            channels: self.filters,
            filters: self.channels,
            height: output[0],
            width: output[1],
            padding: self.padding.map(|padding| 2 - padding),
        }
    }
}

/// The tiles of 4x4 outputs that cover a batch, image by image, row by row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiles {
    /// Height and width of the output.
    pub(super) output: [usize; 2],
    rows: usize,
    columns: usize,
    /// Tiles of the batch.
    pub(super) count: usize,
}

/// Where a tile is: its image and its first output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile {
    pub(super) image: usize,
    pub(super) y: usize,
    pub(super) x: usize,
}

impl Tiles {
    pub(super) fn new(batch: usize, output: [usize; 2]) -> Self {
        let [rows, columns] = output.map(|side| side.div_ceil(TILE));
        Self { output, rows, columns, count: batch * rows * columns }
    }

    pub(super) fn get(&self, index: usize) -> Tile {
        let (image, place) =
            (index / (self.rows * self.columns), index % (self.rows * self.columns));
        Tile { image, y: place / self.columns * TILE, x: place % self.columns * TILE }
    }
}
