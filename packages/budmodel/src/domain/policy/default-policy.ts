/** model-policy.yaml as it is written at the first start: every setting with its default and what it means. */

export const defaultPolicyText = `# Rules for models: what a scan lets through, and which licences may be deployed where.
# Every key may be left out; these are the defaults. Changes count at once, for models scanned before too.

# true: weights in any other format than safetensors (pickle, PyTorch, GGUF, Keras, ONNX, …) block.
safetensors_only: false

# Program text that a model brings along and config.json asks for (auto_map): block, warn or allow.
# Allowing it here starts no engine with it; it only stops the finding.
remote_code: warn

# required: a version that ClamAV has not looked at completely is never available.
clamd: optional

# Rules by the names that scan reports give them, made stricter or laxer: block or warn.
#   rules:
#     script: block
#     secret-in-file: block
rules: {}

# One finding let through, named, with a reason, until a date (a year ahead at most).
#   waivers:
#     - name: old-tokenizer
#       rule: pickle-global
#       model: team/ranker          # or "*"
#       path: tokenizer.pkl         # optional: one file
#       sha256: 9f86d08…            # that file as it is now; 64 digits
#       reason: Reviewed; it names our own class only.
#       expires: 2026-12-31
# A sha256 is needed where the scan itself blocks, and for format-not-inspected (which accepts that one file though no
# scanner reads its format); for warnings, and for rules made stricter above, it may be left out.
waivers: []

# Whether a model may be deployed, by the class of its licence: allow, warn or block.
licences:
  production:
    permissive: allow
    conditional: warn
    non-commercial: block
    unknown: warn
  staging:
    permissive: allow
    conditional: allow
    non-commercial: warn
    unknown: allow
  # Single licences, whatever their class, in both stages.
  #   ids:
  #     llama-3.1-community: allow
  #     AGPL-3.0-only: block
  ids: {}
`
