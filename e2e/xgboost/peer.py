"""What the suite asks of XGBoost: reads job.json beside its arrays, writes answer.json and files of its own."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import xgboost as xgb


def array(path, dtype=np.float64):
    return np.fromfile(path, dtype=dtype)


def matrix(folder, job):
    names = job["feature_names"]
    values = array(folder / "x").reshape(len(names), -1).T
    labels = {key: array(folder / key) for key in ("label", "weight") if (folder / key).exists()}
    return xgb.DMatrix(values, feature_names=names, **labels)


def train(folder, job):
    data = matrix(folder, job)
    start = xgb.Booster(model_file=str(folder / "start.json")) if (folder / "start.json").exists() else None
    started = time.perf_counter()
    booster = xgb.train(job["params"], data, job["rounds"], xgb_model=start)
    seconds = time.perf_counter() - started
    booster.save_model(str(folder / "model.json"))
    return {"version": xgb.__version__, "seconds": seconds}


def predict(folder, job):
    booster = xgb.Booster(model_file=str(folder / "model.json"))
    booster.predict(matrix(folder, job)).astype(np.float32).tofile(folder / "predictions")
    return {"feature_names": booster.feature_names, "rounds": booster.num_boosted_rounds()}


folder = Path(sys.argv[1])
job = json.loads((folder / "job.json").read_text())
answer = {"train": train, "predict": predict}[job["kind"]](folder, job)
(folder / "answer.json").write_text(json.dumps(answer))
