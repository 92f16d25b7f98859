"""The tables of what heartkit ships: tasks, datasets, models, backends, protocols and modes by name.

A new task, dataset, model or backend is one file and one line here; in another package it is one entry point.
Nothing is imported until it is asked for.
"""

from __future__ import annotations

from typing import Any

from heartkit.registry import Entry, Registry

TaskFactory: Registry[Any] = Registry(
    "task",
    "heartkit.tasks",
    {
        "segmentation": Entry(
            "heartkit.tasks.segmentation:TASK",
            "which samples are P wave, QRS, T wave of an ECG, systole, diastole of a PPG",
        ),
        "rhythm": Entry(
            "heartkit.tasks.rhythm:TASK", "which rhythm a stretch of an ECG shows, such as atrial fibrillation"
        ),
        "beat": Entry(
            "heartkit.tasks.beat:TASK", "which kind of beat is in the middle of a frame, such as premature ones"
        ),
        "denoise": Entry(
            "heartkit.tasks.denoise:TASK", "what an ECG or PPG was before the configured augmentations made it noisy"
        ),
        "translate": Entry("heartkit.tasks.translate:TASK", "the ECG that goes with a PPG, or the other way round"),
        "diagnostic": Entry(
            "heartkit.tasks.diagnostic:TASK",
            "which of normal, ST/T change, infarction, hypertrophy, conduction disturbance",
        ),
        "foundation": Entry(
            "heartkit.tasks.foundation:TASK", "an embedding learnt without labels, to start other tasks from"
        ),
    },
)

DatasetFactory: Registry[Any] = Registry(
    "dataset",
    "heartkit.datasets",
    {
        "ludb": Entry("heartkit.datasets.ludb:Ludb", "200 ECGs of 10 s, 12 leads, waves marked by cardiologists"),
        "qtdb": Entry("heartkit.datasets.qtdb:Qtdb", "105 ECGs of 15 min, 2 leads, waves of some 30 beats marked"),
        "mitdb": Entry("heartkit.datasets.mitdb:Mitdb", "48 ECGs of 30 min, 2 leads, every beat and rhythm marked"),
        "nstdb": Entry("heartkit.datasets.nstdb:Nstdb", "recorded wander, electrode and muscle noise, 3 x 30 min"),
        "icentia11k": Entry(
            "heartkit.datasets.icentia11k:Icentia11k", "11,000 people, up to 50 x 70 min of one lead, beats and rhythms"
        ),
        "ptbxl": Entry(
            "heartkit.datasets.ptbxl:PtbXl", "21,799 clinical 12-lead ECGs of 10 s with diagnoses and rhythms"
        ),
        "lsad": Entry("heartkit.datasets.lsad:Lsad", "45,152 12-lead ECGs of 10 s with diagnoses and rhythms"),
        "cinc2017": Entry(
            "heartkit.datasets.cinc2017:Cinc2017", "8,528 hand-held single-lead ECGs: normal, AF, other, noise"
        ),
        "bidmc": Entry("heartkit.datasets.bidmc:Bidmc", "53 recordings of 8 min: PPG, ECG and respiration"),
        "ecg-synthetic": Entry(
            "heartkit.datasets.ecg_synthetic:EcgSynthetic",
            "generated 12-lead ECGs with waves, beats and rhythms; nothing to download",
            ("synthetic",),
        ),
        "ppg-synthetic": Entry(
            "heartkit.datasets.ppg_synthetic:PpgSynthetic",
            "generated PPG, on request with ECG: systole, diastole, beats, rhythms",
            ("syntheticppg",),
        ),
        "folder": Entry(
            "heartkit.datasets.folder:Folder", "your own WFDB, CSV, Parquet or NumPy files with a small description"
        ),
    },
)

ModelFactory: Registry[Any] = Registry(
    "model",
    "heartkit.models",
    {
        "tcn": Entry("heartkit.models.tcn:ARCHITECTURE", "temporal convolutional network, dilated depthwise blocks"),
        "unet": Entry("heartkit.models.unet:ARCHITECTURE", "convolutions down to a coarse view and up again"),
        "unext": Entry("heartkit.models.unext:ARCHITECTURE", "the same with ConvNeXt blocks"),
        "efficientnetv2": Entry(
            "heartkit.models.efficientnetv2:ARCHITECTURE", "inverted-residual blocks with squeeze-excite, per frame"
        ),
        "mobileone": Entry(
            "heartkit.models.mobileone:ARCHITECTURE", "parallel branches that export folds into one, per frame"
        ),
        "resnet": Entry("heartkit.models.resnet:ARCHITECTURE", "residual blocks of full convolutions, per frame"),
        "conformer": Entry("heartkit.models.conformer:ARCHITECTURE", "self-attention beside convolutions"),
        "metaformer": Entry(
            "heartkit.models.metaformer:ARCHITECTURE", "mixing by pooling, convolution or attention, per frame"
        ),
        "tsmixer": Entry("heartkit.models.tsmixer:ARCHITECTURE", "dense layers over time and over channels in turn"),
        "keras-file": Entry("heartkit.models.keras_file:ARCHITECTURE", "a saved Keras model of your own"),
    },
)

BackendFactory: Registry[Any] = Registry(
    "backend",
    "heartkit.backends",
    {
        "pc": Entry("heartkit.backends.pc:open_predictor", "this computer: Keras for .keras, LiteRT for .tflite"),
        "tflm": Entry(
            "heartkit.backends.tflm:open_predictor", "this computer: TensorFlow Lite Micro's own interpreter"
        ),
    },
)

ProtocolFactory: Registry[Any] = Registry(
    "protocol",
    "heartkit.protocols",
    {
        "deepfilter": Entry(
            "heartkit.protocols.deepfilter:PROTOCOL", "denoise: wander on single beats of qtdb (Romero et al. 2021)"
        ),
    },
)

ModeFactory: Registry[Any] = Registry(
    "mode",
    "heartkit.modes",
    {
        "download": Entry(
            "heartkit.modes.download:download", "fetch datasets from their publishers, checked by SHA-256"
        ),
        "train": Entry("heartkit.modes.train:train", "train a model on the training patients"),
        "tune": Entry("heartkit.modes.tune:tune", "search architecture and training parameters, within limits"),
        "evaluate": Entry("heartkit.modes.evaluate:evaluate", "score a model on patients it has never seen"),
        "export": Entry("heartkit.modes.export:export", "convert to LiteRT and C, verified on TFLite-Micro"),
        "demo": Entry("heartkit.modes.demo:demo", "run a model over a whole recording and show what it finds"),
    },
)
