# The labs on an NVIDIA GPU, and on the processor where none is given: docs/cloud.md says how.
# CUDA and cuDNN are those that the pinned TensorFlow asks for; a test compares them.
FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04

# On a GPU Keras compiles with XLA, which needs ptxas and libdevice: both are in cuda-nvcc.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    cuda-nvcc-12-6 git make python3.12 python3.12-venv \
 && rm -rf /var/lib/apt/lists/*

ENV LANG=C.UTF-8 \
    PATH=/opt/labs/bin:$PATH \
    PIP_CONSTRAINT=/course/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    XLA_FLAGS=--xla_gpu_cuda_data_dir=/usr/local/cuda

RUN useradd --create-home --shell /bin/bash learner \
 && install -d -o learner -g learner /course /opt/labs
USER learner
WORKDIR /course
COPY --chown=learner:learner . .
RUN python3.12 -m venv /opt/labs \
 && python -m pip install --no-cache-dir -e .

EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "--LabApp.default_url=/lab/tree/labs"]
