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
  { echo "<!-- made by: lsbench run $folder/study.toml; lsbench report --tables all --format markdown -->"; echo
    "$lsbench" report "$rows/$name" --tables all --format markdown; } >"$folder/tables.md"
  "$lsbench" decide "$rows/$name" >"$folder/verdict.txt"
  "$lsbench" report "$rows/$name" --format html --out "$rows/$name-page"
  for picture in "$@"; do cp "$rows/$name-page/figures/$picture.png" "$folder/"; done
}

study main --noise 0.2 --eps 0.1
study clean --loss ce --model mlp,cnn
study tutorial --loss ce --model mlp,cnn --seeds 2 --lr 0.01 --momentum 0.5 --batch-size 64 --schedule constant --epochs 10
deep noise accuracy-noise-mnist-mlp-symmetric reliability-mnist-mlp-symmetric-0.4
deep memorised learning-mnist-mlp-symmetric-0.4
"$lsbench" run --loss ce --model linear --noise 0.2 --train-size 1000 --epochs 2 --seeds 1000 --out "$rows/aa"
.venv/bin/python benchmarks/verdicts.py --results "$rows/aa" >results/aa.md
if command -v c++ >/dev/null; then .venv/bin/python benchmarks/engine_accuracy.py >results/engine.md; fi

# What needs data that is not in the package: LSBENCH_DATA with Fashion-MNIST, cifar10.npz and cifar10n.npz in it.
[[ -n ${LSBENCH_DATA:-} ]] || exit 0
.venv/bin/python benchmarks/held_out_noise.py --data "$LSBENCH_DATA" >results/held-out-noise.md
here=$PWD work=$(mktemp -d)
lsbench=$here/.venv/bin/lsbench

field() { # NAME OPTIONS...: as study, from the folder of the photographs, with the verdict
  local name=$1; shift
  (
    cd "$work"
    "$lsbench" run --out "$rows/$name" "$@"
    echo "<!-- made by: lsbench run $*; lsbench report --format markdown; lsbench decide -->"; echo
    "$lsbench" report "$rows/$name" --format markdown; echo
    echo '```'; "$lsbench" decide "$rows/$name" | grep -E '^(\./photos|fashion-mnist|cifar10), '; echo '```'
  ) >"results/$name.md"
}

answer() { # NAME OPTIONS...: as field, with all that decide says before its tables
  local name=$1; shift
  (
    cd "$work"
    "$lsbench" run --out "$rows/$name" "$@"
    echo "<!-- made by: lsbench run $*; lsbench decide; lsbench report --format markdown -->"; echo
    "$lsbench" decide "$rows/$name" | sed '/^by accuracy, /,$d' | sed 's/^\(.\)/> \1/; s/^$/>/'; echo
    "$lsbench" report "$rows/$name" --format markdown
  ) >"results/$name.md"
}

cp "$LSBENCH_DATA/cifar10n.npz" "$work/"
field fashion --dataset fashion-mnist --noise 0,0.4 --noise-kind asymmetric --loss ce,lsr,fused,gce,nce-rce,elr,forward:matrix=known --seeds 3
tuned=(--dataset fashion-mnist --noise 0.4 --noise-kind asymmetric --loss ce,lsr,fused,gce,nce-rce,elr,forward:matrix=known --seeds 3 --tune lr)
"$lsbench" run --out "$rows/fashion-tuned" "${tuned[@]}"
{
  echo; echo "## The same losses, each with the learning rate that suits it"; echo
  echo "<!-- made by: lsbench run ${tuned[*]}; lsbench report --select lr --format markdown; lsbench decide --select lr -->"; echo
  "$lsbench" report "$rows/fashion-tuned" --select lr --format markdown; echo
  echo '```'; "$lsbench" decide "$rows/fashion-tuned" --select lr | grep -E '^fashion-mnist, '; echo '```'
} >>results/fashion.md
field human --dataset cifar10 --noise-kind human:cifar10n.npz:aggre_label,human:cifar10n.npz:worse_label --model lenet5 \
  --loss ce,lsr,fused,gce,elr,forward:matrix=known --augment crop-4,flip --epochs 10 --seeds 3

reproduced() { "$lsbench" reproduce "$@" --out "$rows/reproduced" --format markdown; } # a published table
{
  reproduced tutorial-mnist
  reproduced patrini-mnist
  reproduced pereyra-mnist --seeds 1 --precision medium
  reproduced apl-cifar10 --only ce,gce,nce-rce --noise 0.4 --seeds 1 --scale 0.025 --precision bf16
} >"$rows/reproductions.md" # its tables go into results/reproductions.md

# What needs the folder lite0 in LSBENCH_DATA, too: photographs with people's labels, a quarter of them wrong.
[[ -d $LSBENCH_DATA/lite0 ]] || exit 0
export LITE0=$LSBENCH_DATA/lite0
.venv/bin/python benchmarks/photos.py "$LSBENCH_DATA/cifar10.npz" "$work/photos" "$LSBENCH_DATA/cifar10n.npz" "$work/truth.csv"
cp benchmarks/lite0.py "$work/"
answer folder --dataset ./photos --features ./lite0.py:net --loss ce,lsr,gce,sce,elr,forward,prune,prune:first=gce
{
  echo; echo "## Beside the truth"; echo
  (cd "$work" && "$here/.venv/bin/python" "$here/benchmarks/beside_truth.py" "$rows/folder" ./photos truth.csv)
} >>results/folder.md
.venv/bin/python benchmarks/fine_tune.py "$LSBENCH_DATA" "$rows/fine-tune" >results/fine-tune.md # about an hour on one core

# What needs cifar10h.npz and the folder lite0 in LSBENCH_DATA, too: labels that nobody vouches for. About 30 minutes on one core.
[[ -f $LSBENCH_DATA/cifar10h.npz && -d $LSBENCH_DATA/lite0 ]] || exit 0
features=$LSBENCH_DATA/features.npz
[[ -f $features ]] || .venv/bin/python benchmarks/features.py "$LSBENCH_DATA/cifar10.npz" "$LSBENCH_DATA/lite0" "$features"
mkdir -p "$rows/blind"
.venv/bin/python benchmarks/blind.py "$LSBENCH_DATA" "$rows/blind" >results/blind.md
.venv/bin/python benchmarks/people.py "$LSBENCH_DATA" "$rows/blind" >results/people.md
.venv/bin/python benchmarks/looks.py "$LSBENCH_DATA" "$rows/looks" >results/looks.md
.venv/bin/python benchmarks/story.py "$LSBENCH_DATA" results/story "$rows/story"
