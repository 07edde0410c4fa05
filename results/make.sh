#!/usr/bin/env bash
# Train again what results/README.md shows, and write its tables. About 50 minutes on 2 cores.
#   bash results/make.sh [FOLDER FOR THE ROWS]
set -euo pipefail
cd "$(dirname "$0")/.."
lsbench=.venv/bin/lsbench
rows=${1:-$(mktemp -d)}

study() { # NAME OPTIONS...: one folder of rows, one page of tables
  local name=$1; shift
  "$lsbench" run --out "$rows/$name" "$@"
  { echo "<!-- made by: lsbench run $*; lsbench report --format markdown -->"; echo; "$lsbench" report "$rows/$name" --format markdown; } >"results/$name.md"
}

deep() { # NAME PICTURES...: the study results/NAME/study.toml in full: all tables, the verdicts, some of the pictures
  local name=$1 folder=results/$1; shift
  "$lsbench" run "$folder/study.toml" --out "$rows/$name" --save-logits
  "$lsbench" report "$rows/$name" --tables all --format markdown >"$folder/tables.md"
  "$lsbench" decide "$rows/$name" >"$folder/verdict.txt"
  "$lsbench" report "$rows/$name" --format html --out "$rows/$name-page"
  for picture in "$@"; do cp "$rows/$name-page/figures/$picture.png" "$folder/"; done
}

study main --noise 0.2 --eps 0.1
study clean --loss ce --model mlp,cnn
study tutorial --loss ce --model mlp,cnn --seeds 2 --lr 0.01 --momentum 0.5 --batch-size 64 --schedule constant --epochs 10
deep noise accuracy-{noise,eps}-mnist-mlp-symmetric {reliability,risk-coverage}-mnist-mlp-symmetric-0.4 forest-mnist-mlp-clean ranks
deep memorised {learning,reliability,forest}-mnist-mlp-symmetric-0.4
"$lsbench" run --loss ce --model linear --noise 0.2 --train-size 1000 --epochs 2 --seeds 4000 --out "$rows/aa"
.venv/bin/python benchmarks/aa.py "$rows/aa" >results/aa.md
