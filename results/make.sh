#!/usr/bin/env bash
# Train again what results/README.md shows, and write its tables. About 12 minutes on 2 cores.
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

study main --noise 0.2 --eps 0.1
study clean --loss ce --model mlp,cnn
study tutorial --loss ce --model mlp,cnn --seeds 2 --lr 0.01 --momentum 0.5 --batch-size 64 --schedule constant --epochs 10
