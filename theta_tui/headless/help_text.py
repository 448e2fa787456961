"""What `--help` says beside the options: examples, exit status, how arguments and the yes work."""

EXAMPLES = """\
examples:
  theta-tui                                  open the console
  theta-tui --demo                           open it on a simulated cloud, no account needed
  theta-tui setup                            enter keys, check them, choose a budget
  theta-tui chat "Why is the sky blue?"      ask a model, streaming
  theta-tui commands                         list every command there is
  theta-tui run theta.ondemand.listServices category=text --output json
  theta-tui run theta.deployments.delete shard=1 suffix=9f3c1a7be0d24586 --dry-run
  theta-tui doctor                           check keys, hosts, terminal and keyring
  theta-tui smoke --dry-run                  show a small paid round over several models
  theta-tui sandbox --port 8400              serve the simulated cloud for any client

exit status:
  0 done   1 the cloud or the network said no   2 usage   3 not applied   4 credentials missing   5 outcome uncertain
"""

COMPLETION_NOTES = """\
The script holds every subcommand, option, command and argument name of this version; write it again after an upgrade.

  bash   eval "$(theta-tui completion bash)"      in ~/.bashrc
  zsh    eval "$(theta-tui completion zsh)"       in ~/.zshrc, after compinit
  fish   theta-tui completion fish > ~/.config/fish/completions/theta-tui.fish
"""

CHAT_NOTES = """\
WHO is a model such as qwen3, or endpoint, deployment/NAME, agent/ID.

On a terminal without TEXT it is a conversation in plain lines, which a screen reader can follow: :help names its
commands, Ctrl-C stops an answer and keeps its part, several lines pasted at once are one message. The first paid
message asks; `a` there allows an amount for the whole conversation.

Chats are kept on this machine, the same ones that the console shows. --max-usd is for the whole conversation.

examples:
  theta-tui chat "Why is the sky blue?" --model gpt_oss_120b
  theta-tui chat --file notes.md --system "Be brief." "What is to be done?"
  git diff | theta-tui chat --yes --system "Write a commit message for this change."
  theta-tui chat --continue
  printf '%s\\n' "Name a city." "And its river?" | theta-tui chat --lines --yes --max-usd 0.05
"""

AUTH_NOTES = """\
Keys are kept in the system's keyring. Where there is none, choose in the settings:

  theta-tui config set vault file          one encrypted file, opened by a passphrase (THETA_VAULT_PASSPHRASE)
  theta-tui config set vault plain         a file that is not encrypted, marked wherever keys are named
  vault = "command"                        a password manager, asked for each key, such as
  vault_command = ["pass", "show", "theta/{profile}/{name}"]
  vault_command = ["op", "read", "op://Private/theta-{profile}/{name}"]

Keys that were kept before stay where they are; `theta-tui auth move keyring` takes them along from there.
Or keep them in the environment; what is stored wins over it.
"""

RUN_NOTES = """\
Arguments are key=text or key:=JSON, in camelCase or snake_case; `theta-tui commands` names them.
Secret ones take @env:NAME, @file:PATH or - (standard input).

Whatever changes or spends something is shown first and sent only after a yes: at the terminal, or by --yes.
Without either, the preview is printed as JSON and the exit status is 3. THETA_DRY_RUN=1 wins over --yes.

The result goes to stdout, as text on a terminal and as JSON anywhere else; everything else goes to stderr.
--output jsonl prints one line for each record of a list; of a stream one for each piece as it arrives,
{"kind": "text", "text": "..."}, and then the whole answer.

--log has a line for each request, each wait before a change is sent again, each review and each decision.

--query selects from the result, whose secrets are hidden by then, with a JMESPath expression; it is read before
anything is sent. Previews and the pieces of a stream are printed as they are.

examples:
  theta-tui run theta.billing.balance
  theta-tui run list_services --output jsonl --query 'services[].{alias: alias, type: type}'
  theta-tui run infer service=stable_diffusion_xl_turbo input:='{"prompt": "a red lighthouse"}' --yes --max-usd 0.05
  theta-tui run theta.deployments.create --args - --dry-run < deployment.json
  echo '{"service": "qwen3", "messages": [{"role": "user", "content": "hi"}]}' \\
    | theta-tui run theta.ondemand.chat --args - --yes
"""

SMOKE_NOTES = """\
Pictures and sounds are made on this machine; nothing is downloaded. What is to be sent is shown first, one yes is for
all of it, and it stops before the budget would be passed.

variables:
  THETA_MAX_BUDGET_USD           the most that may be spent today (2.00)
  SERVICES                       comma list (qwen3,stable_diffusion_xl_turbo,blip,whisper)
  THETA_WAIT_SECONDS             how long a call is held, 0 to 60 (30)
  THETA_POLL_UNTIL_DONE          whether pending jobs are followed (on)
  THETA_POLL_INTERVAL_SECONDS    between two looks (3)
  THETA_POLL_TIMEOUT_SECONDS     until a pending job is given up (180)
"""
