#!/bin/bash
# GNU parallel: 16 parts of a list, one process a core, joined into scores.csv.
#   bash parallel.sh cells.csv nasbench201
cells=$1 space=$2 status=0
mkdir -p scores
parallel --quote dextr score --input "$cells" --space "$space" --device cpu --threads 1 \
    --shard "{}/16" --out "scores/{}.csv" "${@:3}" ::: {1..16} || status=1
dextr merge scores/{1..16}.csv --input "$cells" --space "$space" --out scores.csv && exit $status
