#!/usr/bin/env bash
# Opens pages that dlkit writes in headless Chromium and uses them: pictures load, sliders move, nothing is
# wider than the window, on a wide screen and on a phone, light and dark. Installs Chromium (Debian) if it is missing.
# Usage: scripts/test-pages.sh [DIR]
#   DIR: where pages and screenshots are kept; without it they are removed.
# DLKIT=/path/to/dlkit uses a program that is already built.
# Exit codes: 0 all as it should be, 1 a page is not, 2 no Chromium or no page.
set -euo pipefail

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
fail() {
    echo "test-pages: $2" >&2
    exit "$1"
}

command -v chromium >/dev/null || apt-get install --yes --quiet chromium >/dev/null ||
    fail 2 "chromium is not installed, and apt-get cannot install it"
if [[ -z "${DLKIT:-}" ]]; then
    (cd "$root" && cargo build --release --locked --workspace --quiet)
    DLKIT="$root/target/release/dlkit"
fi
if (($# > 0)); then
    mkdir -p -- "$1"
    folder="$(cd -- "$1" && pwd)"
else
    folder="$(mktemp -d)"
    trap 'rm -rf -- "$folder"' EXIT
fi

browser() {
    timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars "$@" 2>/dev/null
}

"$DLKIT" colorize "$root/datasets/photos/test" --output "$folder/colors" --page "$folder/colors.html" --force >/dev/null ||
    fail 2 "the page was not written"
# What a user does, and what they would see, told in the title.
cat "$folder/colors.html" - >"$folder/used.html" <<'HTML'
<script>
addEventListener("load", () => {
  const slider = document.querySelector(".pair input");
  slider.value = 25;
  slider.dispatchEvent(new Event("input"));
  const cut = getComputedStyle(document.querySelector(".before")).clipPath;
  const loaded = [...document.images].every((image) => image.complete && image.naturalWidth > 0);
  const fits = document.documentElement.scrollWidth <= innerWidth;
  const label = slider.getAttribute("aria-label").length > 0;
  document.title = `cut ${cut}, loaded ${loaded}, fits ${fits}, label ${label}`;
});
</script>
HTML
for width in 1200 400; do
    title="$(browser --window-size="$width,900" --dump-dom "file://$folder/used.html" | grep -o '<title>[^<]*')"
    expected="<title>cut inset(0px 0px 0px 25%), loaded true, fits true, label true"
    [[ "$title" == "$expected" ]] || fail 1 "$width pixels wide: $title, not $expected"
    for scheme in light dark; do
        browser --window-size="$width,900" --blink-settings=preferredColorScheme=$([[ $scheme == dark ]] && echo 0 || echo 1) \
            --screenshot="$folder/colors-$width-$scheme.png" "file://$folder/colors.html" >/dev/null
    done
done
echo "test-pages: the page of colorize is as it should be"

# Corners of datasets/page, dragged there with the pointer, the last one moved by keys.
corners="366,211 770,139 758,795 200,776"
picture="$root/datasets/page/page.jpg"
"$DLKIT" homography "$picture" --pick "$folder/pick.html" --corners "150,120 850,120 850,680 150,680" --force >/dev/null ||
    fail 2 "the page of --pick was not written"
cat "$folder/pick.html" - >"$folder/picked.html" <<'HTML'
<script>
addEventListener("load", () => {
  const corners = [[366, 211], [770, 139], [758, 795], [198, 766]];
  const box = () => document.getElementById("photo").getBoundingClientRect();
  const at = ([x, y]) => [box().left + ((x + 0.5) / 1000) * box().width, box().top + ((y + 0.5) / 800) * box().height];
  const handles = [...document.querySelectorAll(".corner")];
  const touches = handles.every((handle) => handle.offsetWidth >= 44 && getComputedStyle(handle).touchAction === "none");
  handles.forEach((handle, index) => {
    const own = handle.getBoundingClientRect();
    const start = [own.left + own.width / 2, own.top + own.height / 2];
    const send = (kind, [clientX, clientY]) => handle.dispatchEvent(new PointerEvent(kind,
      { clientX, clientY, pointerId: 1, pointerType: index % 2 ? "touch" : "mouse", bubbles: true }));
    send("pointerdown", start);
    send("pointermove", [start[0] + 9, start[1] + 7]);
    const end = at(corners[index]);
    send("pointermove", end);
    document.loupeShown = !document.getElementById("loupe").hidden;
    send("pointerup", end);
  });
  const press = (key, shiftKey = false) => handles[3].dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true }));
  press("ArrowRight"); press("ArrowRight"); press("ArrowDown", true);
  const preview = document.getElementById("preview");
  const [red] = preview.getContext("2d").getImageData(preview.width * 0.05, preview.height * 0.95, 1, 1).data;
  const fits = document.documentElement.scrollWidth <= innerWidth;
  const label = handles[3].getAttribute("aria-label");
  const rows = decodeURIComponent(document.getElementById("points").href).split("\n").slice(1, 5);
  document.title = `loupe ${document.loupeShown}, touches ${touches}, paper ${red > 140}, fits ${fits}, ${label}|` +
    `${document.getElementById("command").textContent}|${rows.join(" ")}`;
});
</script>
HTML
for width in 1200 400; do
    title="$(browser --window-size="$width,900" --dump-dom "file://$folder/picked.html" | grep -o '<title>[^<]*' | sed 's/&quot;/"/g')"
    IFS='|' read -r seen command rows <<<"${title#<title>}"
    expected="loupe true, touches true, paper true, fits true, Corner 4, bottom left: x 200, y 776"
    [[ "$seen" == "$expected" ]] || fail 1 "$width pixels wide: $seen, not $expected"
    [[ "$command" == *"--corners \"$corners\""* ]] || fail 1 "$width pixels wide: $command, not $corners"
    # The command and the points lead to the same result as the corners typed.
    (cd "$folder" && eval "${command/#dlkit/\"$DLKIT\"} --force" >/dev/null) || fail 1 "not a command: $command"
    "$DLKIT" homography "$picture" --corners "$corners" --output "$folder/typed.png" --force >/dev/null
    cmp "$folder/page-page.png" "$folder/typed.png" || fail 1 "$width pixels wide: another result than --corners"
    tr ' ' '\n' <<<"x,y,u,v $rows" >"$folder/points.csv"
    "$DLKIT" homography --points "$folder/points.csv" --json | grep -q '"inliers": 4' || fail 1 "not points: $rows"
    for scheme in light dark; do
        browser --window-size="$width,1000" --blink-settings=preferredColorScheme=$([[ $scheme == dark ]] && echo 0 || echo 1) \
            --screenshot="$folder/pick-$width-$scheme.png" "file://$folder/picked.html" >/dev/null
    done
done
echo "test-pages: the page of homography --pick is as it should be"
