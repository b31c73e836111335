"""What someone probably meant who typed an unknown option of `zoo train`, such as another library's name for it."""

from difflib import get_close_matches
from pathlib import Path

from models import zoo
from models.entry import Augment, Recipe

# Names of other libraries and courses -> ours.
ALIASES = {
    "batch": "batch_size bs mini_batch minibatch per_device_train_batch_size",
    "lr": "learning_rate base_lr max_lr step_size eta",
    "epochs": "num_epochs n_epochs nb_epoch max_epochs num_train_epochs iterations n_iter",
    "weight_decay": "wd l2 reg regularization alpha decay",
    "optimizer": "optim opt optimiser solver",
    "schedule": "scheduler lr_schedule lr_scheduler lr_scheduler_type sched",
    "momentum": "mom beta beta1",
    "warmup": "warmup_ratio warmup_steps pct_start",
    "eps": "epsilon adam_epsilon",
    "label_smoothing": "smoothing ls label_smoothing_factor",
    "ema": "ema_decay model_ema polyak",
    "patience": "early_stopping early_stop early_stopping_patience",
    "val_every": "val_interval eval_every eval_interval eval_steps check_val_every_n_epoch",
    "datasets": "dataset train_data",
    "data": "data_dir data_path data_root root",
    "start_from": "pretrained weights checkpoint init finetune fine_tune",
    "frozen": "freeze freeze_trunk freeze_backbone",
    "balance": "class_weight class_weights",
    "few": "limit num_examples max_samples subset shots",
    "rotate": "rotation degrees",
    "mirror": "flip hflip horizontal_flip",
    "colour": "color color_jitter brightness contrast",
    "no_augment": "no_augmentation no_aug",
    "seed": "random_seed random_state manual_seed",
    "device": "gpu cuda cpu accelerator",
    "out": "output output_dir out_dir save_dir",
    "slug": "name model_name run_name id",
    "resume": "resume_from continue",
    "license": "licence",
    "examples": "images folder input train_dir",
}
OF_NET = (
    "dropout hidden hidden_size hidden_dim hidden_layers layers num_layers n_layers width depth units neurons "
    "activation kernel kernel_size channels filters heads num_heads embedding embedding_dim emb_dim batch_norm bn norm"
).split()
NOTHING = {
    "workers": "batches come from memory, so there are no workers.",
    "num_workers": "batches come from memory, so there are no workers.",
    "shuffle": "the examples are always shuffled, with the seed.",
    "loss": "the loss is always cross-entropy; see --label-smoothing and --balance.",
    "validation_split": "the validation set is fixed, so that runs can be compared; see --refit.",
    "val_split": "the validation set is fixed, so that runs can be compared; see --refit.",
    "threads": "set the environment variable OMP_NUM_THREADS.",
}
OTHERS = "slug title examples text_column label_column task out license data device seed resume no_augment".split()


def near_miss(name: str, entry: str | None = None) -> str | None:
    """A hint about an unknown option, such as "did you mean --batch?"; None if nothing is like it.

    name: as an option or as a keyword argument. entry: the one to train, whose file has the net.
    """
    plain = name.lstrip("-").replace("-", "_").lower()
    if plain in NOTHING:
        return NOTHING[plain]
    if plain in OF_NET:
        return f"{plain.replace('_', ' ')} is part of the net: see {_file_of(entry)}."
    meant = next((ours for ours, theirs in ALIASES.items() if plain in theirs.split()), None)
    if meant is None:
        known = {*Recipe.__pydantic_fields__, *Augment.__pydantic_fields__, *OTHERS} - {"augment", "distil"}
        aliases = {alias: ours for ours, theirs in ALIASES.items() for alias in theirs.split()}
        similar = get_close_matches(plain, [*known, *aliases, *OF_NET], n=1, cutoff=0.7)
        if not similar:
            return None
        meant = similar[0]
        if meant in OF_NET:
            return near_miss(meant, entry)
        meant = aliases.get(meant, meant)
    return f"did you mean --{meant.replace('_', '-')}?"


def _file_of(entry: str | None) -> str:
    """The file of an entry, from the root of the project; of any entry if there is no such file."""
    name = (entry or "").replace("-", "_")
    folder = Path(zoo.__file__).parent
    return f"models/zoo/{name}.py" if name and (folder / f"{name}.py").is_file() else "the entry's file in models/zoo"
