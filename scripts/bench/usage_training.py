"""Trains by a recipe with PyTorch, on the recipe's data, and prints, as JSON, the seconds of each epoch with its
validation, and the losses.

Usage: usage_training.py RECIPE --threads N [--layout contiguous|channels_last] [--workers N]
RECIPE has all defaults written out, as `dlkit config show` prints it.

What dlkit does and this program does not: checkpoints (outside of its seconds), the metrics' files, other
samplings for each seed that stay the same for any number of threads, and, for mlp-l1, a threshold for each weight by
its own step of Adam (one for all here).
"""

import argparse
import gzip
import json
import math
import pathlib
import random
import time
import tomllib

import cv2
import numpy as np
import recipe
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
# The square of the ab plane that is divided into bins begins at -110 on both axes.
PLANE = 220


class Digits(Dataset):
    """Pictures, decoded and scaled once. A batch is gathered by one indexing, which is much faster than
    sample by sample."""

    def __init__(self, images, classes, indices):
        self.images, self.classes = images[indices], classes[indices]

    def __len__(self):
        return len(self.classes)

    def __getitems__(self, indices):
        return self.images[indices], self.classes[indices]

    @staticmethod
    def collate(batch):
        return batch


def idx(path):
    data = gzip.decompress(path.read_bytes())
    axes = data[3]
    shape = np.frombuffer(data, ">u4", axes, offset=4)
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * axes)
    return torch.from_numpy(values.reshape(shape).copy())


def digits(config):
    """The parts that learn and validate. The division is another one than dlkit's, but as large."""
    data = config["data"]
    folder = pathlib.Path(data["path"])
    images = idx(folder / "train-images-idx3-ubyte.gz")[:, None].float() / 255
    images = (images - data["mean"]) / data["deviation"]
    classes = idx(folder / "train-labels-idx1-ubyte.gz").long()
    share = data["validation"]
    held_out = round(share * len(classes)) if share < 1 else int(share)
    order = torch.randperm(len(classes), generator=torch.Generator().manual_seed(config["seed"]))
    return Digits(images, classes, order[held_out:]), Digits(images, classes, order[:held_out])


def lab(rgb):
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


class Colors:
    """The bins of the ab plane that occur most in some photos, their weights, and colors encoded over them."""

    def __init__(self, photos, config, keep):
        self.width = config["bin_width"]
        self.across = PLANE // self.width
        colors = np.concatenate([lab(photo)[..., 1:].reshape(-1, 2) for photo in photos])
        counts = torch.bincount(self.cells(torch.from_numpy(colors)), minlength=self.across**2)
        kept = counts.argsort(descending=True, stable=True)[:keep].sort().values
        centers = self.centers(torch.arange(self.across**2))
        self.kept = centers[kept]
        self.bin_of_cell = torch.cdist(centers, self.kept).argmin(1)
        self.weights = self.rebalanced(counts[kept] / counts[kept].sum(), config)
        self.encoding = config["encoding"]
        self.windows = self.window(kept) if self.encoding["kind"] == "window" else None

    def cells(self, colors):
        """Of each color, row of a times bins along an axis plus column of b."""
        places = ((colors + PLANE / 2) / self.width).floor().clamp(0, self.across - 1).long()
        return places[..., 0] * self.across + places[..., 1]

    def centers(self, cells):
        places = torch.stack([cells // self.across, cells % self.across], 1)
        return (places + 0.5) * self.width - PLANE / 2

    def rebalanced(self, shares, config):
        smoothing, balance = config["prior_smoothing"], config["lambda"]
        if smoothing > 0:
            squared = torch.cdist(self.kept, self.kept).square()
            shares = shares @ (-0.5 * squared / smoothing**2).softmax(1)
        weights = 1 / ((1 - balance) * shares + balance / len(shares))
        return weights / (weights * shares).sum()

    def window(self, cells):
        """The shares for a color of each bin: a Gaussian over the square of bins around it."""
        places = torch.stack([cells // self.across, cells % self.across], 1)
        apart = (places[:, None] - places[None]).abs()
        shares = (-0.5 * apart.square().sum(2) / self.encoding["sigma"] ** 2).exp()
        shares[(apart > self.encoding["size"] // 2).any(2)] = 0
        return shares / shares.sum(1, keepdim=True)

    def encode(self, colors):
        """Shares of the bins, `[batch, bins, rows, columns]`, and weights, `[batch, rows, columns]`, of
        colors, `[batch, rows, columns, 2]`."""
        bins = self.bin_of_cell[self.cells(colors)]
        if self.windows is not None:
            shares = self.windows[bins]
        else:
            neighbours, sigma = self.encoding["neighbours"], self.encoding["sigma"]
            flat = colors.reshape(-1, 2)
            near = torch.cdist(flat, self.kept).topk(neighbours, largest=False)
            shares = torch.zeros(len(flat), len(self.kept))
            shares.scatter_(1, near.indices, (-0.5 * (near.values / sigma).square()).softmax(1))
            shares = shares.reshape(*bins.shape, -1)
        return shares.permute(0, 3, 1, 2), self.weights[bins]


class Crops(Dataset):
    """Crops of photos, in every epoch others if they are to be `fresh`. Those for validation are drawn from
    the seed of their index and stay as they are."""

    def __init__(self, photos, config, colors, stride, output, fresh):
        self.photos, self.data, self.colors = photos, config["data"], colors
        self.size, self.fresh = config["network"]["input"][1:], fresh
        self.stride, self.output = stride, output

    def __len__(self):
        return len(self.photos) * self.data["crops"]

    def __getitem__(self, index):
        draw = random if self.fresh else random.Random(index)
        photo = self.photos[index // self.data["crops"]]
        crop = self.crop(photo, draw)
        if self.fresh and self.data["flip"] and draw.random() < 0.5:
            crop = crop[:, ::-1]
        values = lab(crop)
        lightness, jitter = values[..., 0], self.data["lightness_jitter"]
        if self.fresh and jitter > 0:
            factor, offset = 1 + draw.uniform(-jitter, jitter), 50 * draw.uniform(-jitter, jitter)
            lightness = ((lightness - 50) * factor + 50 + offset).clip(0, 100)
        return torch.from_numpy((lightness - 50) / 50)[None], torch.from_numpy(self.targets(values))

    def crop(self, photo, draw):
        zoom = self.data["zoom"] if self.fresh else 1
        scale = zoom ** draw.uniform(-1, 1)
        scale = min(scale, *(there / size for there, size in zip(photo.shape, self.size)))
        shown = [round(scale * size) for size in self.size]
        top, left = (draw.randint(0, there - part) for there, part in zip(photo.shape, shown))
        part = photo[top : top + shown[0], left : left + shown[1]]
        if shown == self.size:
            return part
        # dlkit weighs all the pixels that a smaller one covers, as INTER_AREA does.
        smooth = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
        return cv2.resize(part, self.size[::-1], interpolation=smooth)

    def targets(self, values):
        """The mean color of what each output stands for, in the middle of the crop. (dlkit works out from the
        layers where the outputs lie, which may be half a pixel beside.)"""
        covered = [self.stride * places for places in self.output]
        top, left = ((size - part) // 2 for size, part in zip(self.size, covered))
        colors = values[top : top + covered[0], left : left + covered[1], 1:]
        if self.stride == 1:
            return np.ascontiguousarray(colors)
        return cv2.resize(colors, self.output[::-1], interpolation=cv2.INTER_AREA)

    def collate(self, samples):
        lightness, colors = (torch.stack(parts) for parts in zip(*samples))
        return lightness, *self.colors.encode(colors)


def photos(folder, short_side, smallest):
    """The photos of a folder, decoded once. Short side and crops fit into them."""
    found = []
    for path in sorted(folder.rglob("*.jpg")):
        photo = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        height, width = photo.shape[:2]
        factor = min(1, short_side / min(height, width))
        factor = max(factor, smallest[0] / height, smallest[1] / width)
        if factor != 1:
            size = round(factor * width), round(factor * height)
            kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
            photo = cv2.resize(photo, size, interpolation=kind)
        found.append(photo)
    return found


def stride(layers):
    """Pixels from one output to the next, for layers of which none lies on a branch of its own."""
    steps = 1.0
    for layer in layers:
        step = layer.get("stride", 1) / layer.get("factor", 1)
        steps *= 1 / step if layer["type"] == "conv-transpose2d" else step
    return round(steps)


def crops(config, output):
    data, network = config["data"], config["network"]
    learned, validated = (
        photos(pathlib.Path(data["path"]) / part, data["short_side"], network["input"][1:])
        for part in ["train", "validation"]
    )
    colors = Colors(learned, config["colorization"], output[0])
    where = stride(network["layers"]), list(output[1:])
    return (
        Crops(learned, config, colors, *where, fresh=True),
        Crops(validated, config, colors, *where, fresh=False),
    )


def loader(data, arguments, batch, shuffle):
    return DataLoader(
        data,
        batch_size=batch,
        shuffle=shuffle,
        num_workers=arguments.workers,
        persistent_workers=arguments.workers > 0,
        collate_fn=data.collate,
        # Workers beside each other, each with a thread.
        worker_init_fn=lambda _: cv2.setNumThreads(0),
    )


def rate(training, steps):
    """The factor of the learning rate in a step: warm-up and a cosine over all epochs, or constant."""
    warm = training["warmup_epochs"] * steps
    cosine = training["schedule"]["kind"] == "cosine"

    def factor(step):
        share = 0.5 * (1 + math.cos(math.pi * step / (steps * training["epochs"]))) if cosine else 1
        return share * min(1, (step + 1) / warm) if warm else share

    return factor


class Training:
    def __init__(self, config, arguments):
        training = config["training"]
        self.layout = LAYOUTS[arguments.layout]
        self.network = recipe.Network(config["network"]).to(memory_format=self.layout)
        if config["task"] == "colorization":
            self.network.eval()
            output = self.network(torch.zeros(1, *config["network"]["input"])).shape[1:]
            parts, self.loss = crops(config, output), self.of_colors
        else:
            parts, self.loss = digits(config), self.of_classes
        learned, validated = parts
        batch = training["batch_size"]
        self.learned = loader(learned, arguments, batch, shuffle=True)
        self.validated = loader(validated, arguments, batch, shuffle=False)
        self.optimizer = recipe.optimizer(training, self.network.parameters())
        factor = rate(training, len(self.learned))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)
        self.l1 = config.get("penalty", {}).get("l1", 0)
        self.weights = [each for each in self.network.parameters() if each.dim() > 1]

    @staticmethod
    def of_classes(outputs, classes):
        """The loss, and how many outputs are right."""
        right = (outputs.argmax(1) == classes).sum().item()
        return F.cross_entropy(outputs, classes), right

    @staticmethod
    def of_colors(outputs, shares, weights):
        return (recipe.soft_cross_entropy(outputs, shares) * weights).mean(), 0

    def measured(self, *batch):
        batch = [each.to(memory_format=self.layout) if each.dim() == 4 else each for each in batch]
        return self.loss(self.network(batch[0]), *batch[1:])

    def learn(self, *batch):
        self.optimizer.zero_grad()
        loss, right = self.measured(*batch)
        loss.backward()
        self.optimizer.step()
        self.shrink()
        self.schedule.step()
        return loss.item(), right

    @torch.no_grad()
    def shrink(self):
        """The proximal step of the penalty."""
        if self.l1:
            threshold = self.l1 * self.schedule.get_last_lr()[0]
            for weight in self.weights:
                weight.copy_(F.softshrink(weight, threshold))

    @torch.no_grad()
    def validate(self, *batch):
        loss, right = self.measured(*batch)
        return loss.item(), right

    def epoch(self):
        """Seconds, and the mean loss and accuracy of training and validation."""
        start = time.perf_counter()
        record = {}
        for part, batches, work in [
            ("train", self.learned, self.learn),
            ("validation", self.validated, self.validate),
        ]:
            self.network.train(part == "train")
            losses, right, samples = 0.0, 0, 0
            for batch in batches:
                loss, correct = work(*batch)
                losses += loss * len(batch[0])
                right += correct
                samples += len(batch[0])
            record[f"{part}_loss"] = losses / samples
            record[f"{part}_accuracy"] = right / samples
        return {"seconds": time.perf_counter() - start, **record}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", type=pathlib.Path)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--layout", choices=list(LAYOUTS), default="contiguous")
    parser.add_argument("--workers", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    config = tomllib.loads(arguments.recipe.read_text())
    torch.manual_seed(config["seed"])
    random.seed(config["seed"])
    training = Training(config, arguments)
    print(json.dumps([training.epoch() for _ in range(config["training"]["epochs"])]))


if __name__ == "__main__":
    main()
