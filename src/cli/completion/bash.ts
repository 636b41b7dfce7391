import type { Offered, OfferedCommand } from './model';

/**
 * A completion for bash from 3.2 on, with or without the package bash-completion. Names of workers may hold spaces and
 * colons, which bash takes for ends of words.
 */
export function bashCompletion(commands: readonly OfferedCommand[]): string {
  return `# idlewatch completion bash

__idlewatch_words() {
  # The words up to the cursor, where bash has cut at : and = put together again: into words and cur.
  local rest=\${COMP_LINE:0:COMP_POINT} gap word i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    gap=\${rest%%[![:space:]]*}
    rest=\${rest#"$gap"}
    word=\${rest:0:\${#word}}
    rest=\${rest:\${#word}}
    if ((i > 0)) && [[ -z $gap ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
  done
  cur=\${words[\${#words[@]}-1]}
}

__idlewatch_offer() {
  # Of the lines given, those that begin as the word at the cursor does, quoted as it is.
  local typed=\${cur//\\\\/} candidate quoted='' cut=''
  case $cur in [\\"\\']*) quoted=\${cur:0:1}; typed=\${cur:1} ;; esac
  [[ -z $quoted && $COMP_WORDBREAKS == *:* && $cur == *:* ]] && cut=\${cur%"\${cur##*:}"}
  [[ -z $quoted && $cur == --*=* ]] && cut=
  while IFS= read -r candidate; do
    [[ -n $candidate && $candidate == "$typed"* ]] || continue
    [[ -n $quoted ]] || printf -v candidate %q "$candidate"
    COMPREPLY+=("\${candidate#"$cut"}")
  done
}

__idlewatch_workers() {
  __idlewatch_offer < <(idlewatch completion workers 2>/dev/null | cut -f 1)
}

__idlewatch_directories() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY+=($(compgen -d -- "$cur"))
}

_idlewatch() {
  local words cur command i previous given=0
  COMPREPLY=()
  __idlewatch_words
  local count=\${#words[@]}
  command=\${words[1]}
  previous=\${words[count-2]}
  if ((count <= 2)); then
    __idlewatch_offer <<'END'
${[...commands.map(({ name }) => name), '--help', '--version'].join('\n')}
END
    return
  fi
  for ((i = 2; i < count - 1; i++)); do
    if [[ \${words[i]} == -- ]]; then
      # Another program, with its own words.
      if ((i == count - 2)); then COMPREPLY=($(compgen -c -- "$cur")); else COMPREPLY=($(compgen -f -- "$cur")); fi
      return
    fi
    [[ \${words[i]} == -* ]] || ((given += 1))
  done
  if [[ $cur == --*=* ]]; then
    previous=\${cur%%=*}
    cur=\${cur#*=}
  fi
  case $command:$previous in
${commands.flatMap(valueCases).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${commands.map(optionCase).join('\n')}
    esac
    return
  fi
  case $command in
${commands.flatMap(operandCase).join('\n')}
  esac
}

complete -F _idlewatch idlewatch
`;
}

function valueCases({ name, options }: OfferedCommand): string[] {
  return options.flatMap(({ flag, value }) => (value ? [`    ${name}:${flag}) ${offer(value)} return ;;`] : []));
}

function optionCase({ name, options }: OfferedCommand): string {
  return `      ${name}) __idlewatch_offer <<< ${quoted(options.map(({ flag }) => flag).join('\n'))} ;;`;
}

function operandCase({ name, operand, second }: OfferedCommand): string[] {
  if (!operand) return [];
  if (!second) return [`    ${name}) ${offer(operand)} ;;`];
  return [`    ${name}) case $given in 0) ${offer(operand)} ;; 1) ${offer(second)} ;; esac ;;`];
}

/** A command that offers it, with what ends it. */
function offer({ values, completed }: Offered): string {
  if (completed === 'worker') return '__idlewatch_workers;';
  if (completed === 'directory') return '__idlewatch_directories;';
  return values.length ? `__idlewatch_offer <<< ${quoted(values.join('\n'))};` : '';
}

function quoted(text: string): string {
  return `$'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
}
