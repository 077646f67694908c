"""The rows of the paper's ablations: the loss, the backbone, the attentive LSTM, the priors.

python -m experiments.sweep --config=configs/osie_ablation.py --workdir=runs/paper_rows \\
    --rows=configs/ablations/paper.py --seeds=3

Cornia et al., IEEE TIP 2018, section V: combinations of the loss terms; the plain against the
dilated backbone; without and with the attentive LSTM; without and with the learned priors.
"""

KL, CC, NSS = "loss.kl", "loss.cc", "loss.nss"
TIMESTEPS, PRIORS, DILATED = "model.timesteps", "model.gaussians", "model.dilated"

ROWS = {
    "all": {},
    "loss KL": {CC: 0.0, NSS: 0.0},
    "loss CC": {KL: 0.0, NSS: 0.0},
    "loss NSS": {KL: 0.0, CC: 0.0},
    "loss KL + CC": {NSS: 0.0},
    "loss KL + NSS": {CC: 0.0},
    "loss CC + NSS": {KL: 0.0},
    "plain backbone alone": {DILATED: False, TIMESTEPS: 0, PRIORS: 0},
    "dilated backbone alone": {TIMESTEPS: 0, PRIORS: 0},
    "without priors": {PRIORS: 0},
    "without the attentive LSTM": {TIMESTEPS: 0},
}
