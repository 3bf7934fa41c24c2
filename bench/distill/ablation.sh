#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The ablation of Danier 2020, table 4.2, in small: one student, one teacher, the same examples and steps, with more and
# more of the losses. The table that came out is in docs/training.md.
#
#   bench/distill/ablation.sh PROGRAM DATA TEACHER.safetensors OUT [SETTING ...]
#
# PROGRAM is build/release/bin/pursuit; DATA has train/, val/ and stills/. A run whose folder is there is not made
# again, so several of these scripts may share OUT. STEPS, SEEDS and THREADS are taken from the environment.
set -euo pipefail
program=$(realpath "$1") data=$(realpath "$2") teacher=$(realpath "$3")
mkdir -p "$4"
out=$(realpath "$4")
shift 4
settings=("$@")
[ ${#settings[@]} -gt 0 ] || settings=(truth soft hard fidelity filter separate)
steps=${STEPS:-600} seeds=${SEEDS:-1 2 3} threads=${THREADS:-1}

losses_of() {
  case $1 in
  truth) echo '"truth": 1' ;;
  soft) echo '"soft": 1' ;;
  hard) echo '"soft": 1, "hard": 0.1' ;;
  fidelity) echo '"soft": 1, "hard": 0.1, "fidelity": '"${FIDELITY:-100}" ;;
  filter | separate) echo '"soft": 1, "hard": 0.1, "fidelity": '"${FIDELITY:-100}"', "filter": '"${FILTER:-0.1}" ;;
  *) echo "ablation: no setting $1" >&2; exit 2 ;;
  esac
}

for seed in $seeds; do
  for setting in "${settings[@]}"; do
    run=$out/$setting-$seed
    mkdir "$run" 2>/dev/null || continue # somebody else's, or made
    # Separate: the backbone first and then the head, each for half of the steps.
    cat >"$run/config.json" <<END
{
  "tracker": "atom-t", "teacher": {"tracker": "atom-s", "weights": "$teacher"},
  "data": {
    "sequences": {"path": "$data/train", "weight": 2},
    "stills": {"path": "$data/stills/coco_tiny/boxes.csv", "weight": 2},
    "rendered": {"count": 60, "seed": 1}, "flip": 0.5, "cache_megabytes": 2000
  },
  "side": 224, "padding": 4, "epochs": 6, "steps": $((steps / ($([ "$setting" = separate ] && echo 12 || echo 6)))),
  "batch": 8, "rate": 0.001, "schedule": {"kind": "log", "last": 0.00003}, "clip": 10,
  "losses": {$(losses_of "$setting")}, "separate": $([ "$setting" = separate ] && echo true || echo false),
  "seed": $seed, "threads": $threads, "loaders": 1, "out": "."
}
END
    "$program" distill "$run/config.json" >"$run/log.txt" 2>&1
    "$program" evaluate --tracker atom-t --weights "$run/best.safetensors" --seed 1 --dataset otb --root "$data/val" \
      --out "$run/val" >>"$run/log.txt" 2>&1
    echo "$setting seed $seed: AUC $(sed -n 's/.*"auc": *\([0-9.]*\),.*/\1/p' "$run/val/summary.json" | head -1)"
  done
done
