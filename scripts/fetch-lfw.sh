#!/usr/bin/env bash
# Fetches 100 faces of Labeled Faces in the Wild and 100 patches of their backgrounds, 25x25 pixels,
# as two .npy stacks.
set -euo pipefail

readonly PACKAGE=python3-skimage
readonly SHA256=9560ec2f5edfac01973f63a8a99d00053fecd11e21877e18038fbe500f8e872c

usage() {
  cat <<'USAGE'
Usage: scripts/fetch-lfw.sh [DIR]

Fetches 100 faces and 100 pictures that are not faces, each 25x25 gray pixels, into DIR as faces.npy
and others.npy. DIR defaults to datasets/lfw in this repository. They come from Debian's package
python3-skimage (4 MB download), which holds them in one file; its SHA-256 is checked.

Needs apt-get, dpkg-deb and python3.

Exit codes: 0 done or nothing to do, 1 unexpected data or DIR cannot be written, 2 wrong usage,
a missing tool, or a failed download.
USAGE
}

fail() {
  local code=$1
  shift
  printf 'fetch-lfw: %s\n' "$@" >&2
  exit "$code"
}

case "${1-}" in
  -h | --help)
    usage
    exit 0
    ;;
  -*) fail 2 "unknown option '$1'; see --help" ;;
esac
(($# <= 1)) || fail 2 "takes at most one directory, $# were given; see --help"

repository="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
destination="${1:-$repository/datasets/lfw}"
if [[ -f $destination/faces.npy && -f $destination/others.npy ]]; then
  echo "fetch-lfw: $destination already holds the pictures; nothing to do"
  exit 0
fi
for tool in apt-get dpkg-deb python3; do
  command -v "$tool" >/dev/null || fail 2 "$tool is not installed"
done
mkdir -p -- "$destination" || fail 1 "cannot create $destination"
destination="$(cd -- "$destination" && pwd)"
staging="$(mktemp -d "$destination/.fetch-lfw.XXXXXX")" || fail 1 "cannot write to $destination"
clean_up() {
  rm -rf -- "$staging"
  rmdir -- "$destination" 2>/dev/null || true # only if it is empty
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

(cd -- "$staging" && apt-get download "$PACKAGE" >/dev/null 2>messages && dpkg-deb -x "$PACKAGE"_*.deb .) ||
  fail 2 "$PACKAGE cannot be downloaded:" "$(cat "$staging/messages")"
source="$staging/usr/lib/python3/dist-packages/skimage/data/lfw_subset.npy"
python3 - "$source" "$staging" "$SHA256" <<'PYTHON' || fail 1 "the file in the package has another SHA-256 than expected"
import hashlib, pathlib, sys

data = pathlib.Path(sys.argv[1]).read_bytes()
if hashlib.sha256(data).hexdigest() != sys.argv[3]:
    sys.exit(1)
start = 10 + int.from_bytes(data[8:10], "little")
header, values = data[:start].replace(b"(200,", b"(100,"), data[start:]
half = len(values) // 2
for name, part in ("faces", values[:half]), ("others", values[half:]):
    (pathlib.Path(sys.argv[2]) / f"{name}.npy").write_bytes(header + part)
PYTHON
mv -f -- "$staging/faces.npy" "$staging/others.npy" "$destination" || fail 1 "cannot write $destination"
echo "fetch-lfw: faces.npy and others.npy are in $destination"
