#!/bin/bash
# A Slurm array: 16 parts of a list. Then `dextr merge` joins them (README.md).
#   sbatch slurm.sh cells.csv nasbench201
#SBATCH --array=1-16 --cpus-per-task=1 --time=04:00:00 --requeue
cells=$1 space=$2 part=$SLURM_ARRAY_TASK_ID
mkdir -p scores
exec dextr score --input "$cells" --space "$space" --device cpu --threads 1 \
    --shard "$part/16" --out "scores/$part.csv" "${@:3}"
