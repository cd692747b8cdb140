#!/bin/sh
# Install the system libraries that Qt's wheels do not carry, or name the command.
#
#   scripts/system-libraries.sh offscreen|window|screen|browser [--optional]
#
# offscreen: to draw without a display; window: to open one as well; screen: and a
# virtual screen (Xvfb) for tests; browser: to open pages in Chromium for tests.
# Installs only on Debian and its kin and only as root. Ends with 1 where something is
# missing still, unless it is --optional.
set -eu

offscreen="libglib-2.0.so.0:libglib2.0-0 libEGL.so.1:libegl1 libGL.so.1:libgl1
  libfontconfig.so.1:libfontconfig1 libfreetype.so.6:libfreetype6
  libdbus-1.so.3:libdbus-1-3 libxkbcommon.so.0:libxkbcommon0"
window="libX11-xcb.so.1:libx11-xcb1 libxcb-cursor.so.0:libxcb-cursor0
  libxcb-icccm.so.4:libxcb-icccm4 libxcb-image.so.0:libxcb-image0
  libxcb-keysyms.so.1:libxcb-keysyms1 libxcb-randr.so.0:libxcb-randr0
  libxcb-render-util.so.0:libxcb-render-util0 libxcb-shape.so.0:libxcb-shape0
  libxcb-xkb.so.1:libxcb-xkb1 libxkbcommon-x11.so.0:libxkbcommon-x11-0"

[ "$(uname -s)" = Linux ] || exit 0
case ${1-} in
  offscreen) libraries=$offscreen ;;
  window | screen) libraries="$offscreen $window" ;;
  browser) libraries="" ;;
  *) sed -n '2,9p' "$0" >&2 && exit 2 ;;
esac

missing_packages() {
  known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
  for pair in $libraries; do
    case $known in
      *"${pair%%:*} "*) ;;
      *) printf '%s ' "${pair#*:}" ;;
    esac
  done
  if [ "$1" = screen ]; then
    command -v Xvfb >/dev/null || printf 'xvfb '
    command -v xauth >/dev/null || printf 'xauth '
  fi
  if [ "$1" = browser ]; then
    command -v chromium >/dev/null || printf 'chromium '
    command -v pdftotext >/dev/null || printf 'poppler-utils '
  fi
}

packages=$(missing_packages "$1")
packages=${packages% }
[ -n "$packages" ] || exit 0

if [ "$1" = browser ] && ! command -v apt-get >/dev/null; then
  command="the package manager of this system, for $packages"
elif command -v apt-get >/dev/null; then
  command="apt-get install --no-install-recommends -y $packages"
  if [ "$(id -u)" = 0 ]; then
    echo "Installing system libraries: $packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || true
    # shellcheck disable=SC2086
    apt-get install --no-install-recommends -y -qq $packages </dev/null >/dev/null || true
    packages=$(missing_packages "$1")
    [ -n "$packages" ] || exit 0
  else
    command="sudo $command"
  fi
elif command -v dnf >/dev/null; then
  command="sudo dnf install glib2 libglvnd-egl libglvnd-glx fontconfig freetype \
dbus-libs libxkbcommon libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-image \
xcb-util-keysyms xcb-util-renderutil"
elif command -v pacman >/dev/null; then
  command="sudo pacman -S glib2 libglvnd fontconfig freetype2 dbus libxkbcommon \
libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-image xcb-util-keysyms \
xcb-util-renderutil"
elif command -v zypper >/dev/null; then
  command="sudo zypper install libglib-2_0-0 libEGL1 libGL1 fontconfig libfreetype6 \
libdbus-1-3 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 \
libxcb-image0 libxcb-keysyms1 libxcb-render-util0"
else
  command="the package manager of this system, for what Debian calls $packages"
fi
[ "$1" != screen ] || case $command in
  *apt-get*) ;;
  *) command="$command, and Xvfb with xauth" ;;
esac
what="The window needs system libraries"
[ "$1" != browser ] || what="The test in a browser needs programs"
echo "$what that are missing here. Type" >&2
echo "    $command" >&2
[ "${2-}" = --optional ] || exit 1
