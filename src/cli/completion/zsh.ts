import type { Offered, OfferedCommand, OfferedOption } from './model';

/** A completion for zsh: to be sourced, or to lie as `_idlewatch` where `fpath` leads. */
export function zshCompletion(commands: readonly OfferedCommand[]): string {
  return `#compdef idlewatch

__idlewatch_workers() {
  local -a words shown
  local line
  for line in \${(f)"$(idlewatch completion workers 2>/dev/null)"}; do
    words+=("\${line%%$'\\t'*}")
    shown+=("\${line%%$'\\t'*} -- \${line#*$'\\t'}")
  done
  compadd -l -d shown -a words
}

_idlewatch() {
  local curcontext=$curcontext state line
  local -a commands
  _arguments -C '(- *)--help[The commands.]' '(- *)--version[The version.]' '1:command:->command' '*::word:->word'
  case $state in
    command)
      commands=(
${commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    word)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

if [ "$funcstack[1]" = _idlewatch ]; then
  _idlewatch "$@"
else
  compdef _idlewatch idlewatch
fi
`;
}

function commandCase({ name, options, operand, second, runsProgram }: OfferedCommand): string {
  const specs = options.map(optionSpec);
  if (operand) specs.push(quoted(`1:${plain(operand.placeholder)}:${action(operand)}`));
  if (second) specs.push(quoted(`2::${plain(second.placeholder)}:${action(second)}`));
  if (runsProgram) specs.push("'*::program:_normal'");
  return `        ${name})\n          _arguments ${specs.join(' \\\n            ')}\n          ;;`;
}

function optionSpec({ flag, help, value, repeatable }: OfferedOption): string {
  const words = `${repeatable ? '*' : ''}${flag}${value ? '=' : ''}[${plain(help)}]`;
  return quoted(value ? `${words}:${plain(value.placeholder)}:${action(value)}` : words);
}

function action({ values, completed }: Offered): string {
  if (completed === 'worker') return '__idlewatch_workers';
  if (completed === 'directory') return '_directories';
  return values.length ? `(${values.join(' ')})` : ' ';
}

/** Without what has a meaning in a spec of _arguments. */
function plain(text: string): string {
  return text.replace(/[\\:[\]]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
