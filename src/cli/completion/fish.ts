import type { Offered, OfferedCommand, OfferedOption } from './model';

/** A completion for fish: to be sourced, or to lie in ~/.config/fish/completions/idlewatch.fish. */
export function fishCompletion(commands: readonly OfferedCommand[]): string {
  return `# idlewatch completion fish

function __idlewatch_bare
    test (count (commandline -opc)) -eq 1
end

function __idlewatch_is
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = $argv[1]; and not contains -- -- $words
end

function __idlewatch_given
    # So many words that are no options stand behind the command.
    set -l words (commandline -opc)
    set -e words[1..2]
    test (count (string match -v -- '-*' $words)) -eq $argv[1]
end

function __idlewatch_runs_program
    contains -- -- (commandline -opc)
end

complete -c idlewatch -f
complete -c idlewatch -n __idlewatch_bare -l help -d 'The commands.'
complete -c idlewatch -n __idlewatch_bare -l version -d 'The version.'
${commands.map(({ name, summary }) => `complete -c idlewatch -n __idlewatch_bare -a ${name} -d ${quoted(summary)}`).join('\n')}
complete -c idlewatch -n __idlewatch_runs_program -F -a '(__fish_complete_command)'
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ name, options, operand, second }: OfferedCommand): string[] {
  const is = `__idlewatch_is ${name}`;
  const when = (condition: string) => `complete -c idlewatch -n ${quoted(condition)}`;
  const head = when(is);
  return [
    ...options.map((option) => `${head} ${optionWords(option)}`),
    ...(operand ? [`${second ? when(`${is}; and __idlewatch_given 0`) : head}${offer(operand)}`] : []),
    ...(second ? [`${when(`${is}; and __idlewatch_given 1`)}${offer(second)}`] : []),
  ];
}

function optionWords({ flag, help, value }: OfferedOption): string {
  return `-l ${flag.slice(2)}${value ? ` -x${offer(value)}` : ''} -d ${quoted(help)}`;
}

function offer({ values, completed }: Offered): string {
  if (completed === 'worker') return " -a '(idlewatch completion workers 2>/dev/null)'";
  if (completed === 'directory') return " -a '(__fish_complete_directories)'";
  return values.length ? ` -a ${quoted(values.join(' '))}` : '';
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
