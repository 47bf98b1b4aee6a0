#!/bin/sh
# Starts vLLM with the same arguments as the embedded run; its API key stays out of the environment that Docker shows.
set -eu
VLLM_API_KEY="$(cat /run/secrets/engine.key)"
export VLLM_API_KEY
# Further arguments are words, as on a command line.
# shellcheck disable=SC2086
exec python3 -m vllm.entrypoints.openai.api_server \
  --model "$RAGWORKS_MODEL" \
  --served-model-name "${RAGWORKS_MODEL_NAME:-${RAGWORKS_MODEL##*/}}" \
  --host "$RAGWORKS_BIND_HOST" \
  --port 8100 \
  --max-model-len "$RAGWORKS_MAX_MODEL_LEN" \
  --enable-prefix-caching \
  --enable-prompt-tokens-details \
  ${RAGWORKS_ENGINE_ARGS:-}
