#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The ablation of Danier 2020, table 4.2, in small: one student, one teacher, the same examples and equally many steps,
# with more and more of the losses. The table that came out is in docs/training.md.
#
#   bench/distill/ablation.sh PROGRAM DATA TEACHER.safetensors OUT [SETTING ...]
#
# PROGRAM is build/release/bin/pursuit, DATA has train/, val/ and stills/, the teacher is an atom-s. Several of these
# scripts may share OUT: what one works on, or has made, the others pass over. At the end stands a line for each run.
#
# STEPS, SEEDS, THREADS and the weights FIDELITY and FILTER are taken from the environment. The thesis' weight of 100
# belongs to a teacher with other features: here the sums over channels are in the thirties, and at 100 fidelity would
# be a hundred thousand times the other losses. At 0.001 it begins as large as they are.
set -euo pipefail
program=$(realpath "$1") data=$(realpath "$2") teacher=$(realpath "$3")
mkdir -p "$4"
out=$(realpath "$4")
shift 4
settings=("$@")
[ ${#settings[@]} -gt 0 ] || settings=(truth soft hard fidelity filter separate response)
steps=${STEPS:-600} seeds=${SEEDS:-1 2 3} threads=${THREADS:-1}

losses_of() {
  local hard='"soft": 1, "hard": 0.1'
  local fidelity="$hard, \"fidelity\": ${FIDELITY:-0.001}"
  local filter="$fidelity, \"filter\": ${FILTER:-0.1}"
  case $1 in
  truth) echo '"truth": 1' ;;
  soft) echo '"soft": 1' ;;
  hard) echo "$hard" ;;
  fidelity) echo "$fidelity" ;;
  filter | separate) echo "$filter" ;;
  response) echo "$filter, \"response\": 0.2" ;;
  *) return 1 ;;
  esac
}

lock=
trap '[ -z "$lock" ] || rmdir "$lock"' EXIT
for seed in $seeds; do
  for setting in "${settings[@]}"; do
    losses=$(losses_of "$setting") || { echo "ablation: there is no setting $setting" >&2; exit 2; }
    run=$out/$setting-$seed
    mkdir -p "$run"
    [ ! -s "$run/val/summary.json" ] || continue
    mkdir "$run/lock" 2>/dev/null || continue
    lock=$run/lock
    # Separate: the backbone first and then the head, each for half of the steps; both see the first half's examples.
    separate=false epochs=6
    [ "$setting" != separate ] || separate=true epochs=3
    cat >"$run/config.json" <<END
{
  "tracker": "atom-t", "teacher": {"tracker": "atom-s", "weights": "$teacher"},
  "data": {
    "sequences": {"path": "$data/train", "weight": 2},
    "stills": {"path": "$data/stills/coco_tiny/boxes.csv", "weight": 2},
    "rendered": {"count": 60, "seed": 1}, "flip": 0.5, "cache_megabytes": 2000,
    "colours": {"grey": 0.2, "brightness": 0.3, "contrast": 0.3, "tint": 0.1, "blur": 3}
  },
  "side": 224, "padding": 4, "epochs": $epochs, "steps": $((steps / 6)), "batch": 8,
  "rate": 0.001, "schedule": {"kind": "log", "last": 0.00003},
  "losses": {$losses}, "separate": $separate,
  "seed": $seed, "threads": $threads, "loaders": 1, "out": "."
}
END
    "$program" distill "$run/config.json" >"$run/log.txt" 2>&1
    "$program" evaluate --tracker atom-t --weights "$run/best.safetensors" --seed 1 --dataset otb --root "$data/val" \
      --out "$run/val" >>"$run/log.txt" 2>&1
    rmdir "$lock"
    lock=
  done
done

for summary in "$out"/*/val/summary.json; do
  [ -s "$summary" ] || continue
  run=${summary%/val/summary.json}
  echo "${run##*/} $(sed -n 's/.*"\(auc\|precision20\)": *\([0-9.]*\),.*/\1 \2/p' "$summary" | head -2 | tr '\n' ' ')"
done
