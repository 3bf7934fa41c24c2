#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Seconds of processor time and peak memory to compile the umbrella header, and a program with one tracker each.
#   cmake/compile_cost.sh [compiler] [flags...]        default: g++ -O2
set -euo pipefail
cd "$(dirname "$0")/.."
compiler=${1:-g++}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- -O2
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

tracker() {  # header, type, weights or nothing
  printf '#include <pursuit/zoo/%s.hpp>\nint main() {\n  pursuit::zoo::%s tracker{%s};\n' "$1" "$2" "$3"
  printf '  pursuit::Image frame(64, 64, pursuit::PixelOrder::rgb);\n  tracker.init(frame, {8, 8, 16, 16});\n'
  printf '  return static_cast<int>(tracker.update(frame).box.x);\n}\n'
}
echo '#include <pursuit/core.hpp>' >"$work/core.cpp"
echo '#include <pursuit/pursuit.hpp>' >"$work/umbrella.cpp"
tracker cacf Cacf '' >"$work/cacf.cpp"
tracker dcf_net DcfNet 'pursuit::Weights::random(1)' >"$work/dcf_net.cpp"
tracker siamfc SiamFC 'pursuit::Weights::random(1)' >"$work/siamfc.cpp"
tracker nano_track NanoTrackV3 'pursuit::Weights::random(1)' >"$work/nano_track.cpp"
tracker siam_rpn SiamRpnPP 'pursuit::Weights::random(1)' >"$work/siam_rpn.cpp"

echo "$("$compiler" --version | head -1), $*"
for what in core umbrella cacf dcf_net siamfc nano_track siam_rpn; do
  python3 - "$what" "$compiler" -std=c++20 "$@" -fopenmp -Iinclude -c "$work/$what.cpp" -o "$work/out.o" <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[2:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{sys.argv[1]:10} {used.ru_utime + used.ru_stime:6.1f} s  {used.ru_maxrss / 1024:6.0f} MB")
END
done
