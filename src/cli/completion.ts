import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What can be typed after one command. */
interface Words {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly {
    readonly long: string;
    readonly short: string | undefined;
    readonly description: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
  }[];
  /** Choices of the first argument, and commands below this one. */
  readonly arguments: readonly string[];
}

/** A completion script, generated from the command tree, so that it cannot fall behind. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map(wordsOf);
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return `autoload -Uz bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

function wordsOf(command: Command): Words {
  const first = command.registeredArguments[0];
  return {
    name: command.name(),
    description: command.summary(),
    flags: [command, ...command.commands]
      .flatMap((one) => one.options)
      .map((option: Option) => ({
        long: option.long ?? '',
        short: option.short,
        description: option.description,
        takesValue: option.required || option.optional,
        choices: option.argChoices ?? [],
      })),
    arguments: [...(first?.argChoices ?? []), ...command.commands.map((below) => below.name())],
  };
}

function bash(commands: readonly Words[]): string {
  const cases = commands.map(
    (one) =>
      `    ${one.name}) words="${[...one.flags.map((flag) => flag.long), '--help', ...one.arguments].join(' ')}" ;;`,
  );
  const values = commands.flatMap((one) =>
    one.flags
      .filter((flag) => flag.choices.length > 0)
      .map((flag) => `    ${one.name}:${flag.long}) words="${flag.choices.join(' ')}" ;;`),
  );
  const short = commands.flatMap((one) =>
    one.flags
      .filter((flag) => flag.choices.length > 0 && flag.short !== undefined)
      .map((flag) => `    ${one.name}:${flag.short ?? ''}) words="${flag.choices.join(' ')}" ;;`),
  );
  return `_berth() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) command="$word"; break ;;
    esac
  done
  if [ -z "$command" ]; then
    COMPREPLY=($(compgen -W "${commands.map((one) => one.name).join(' ')} --help --version" -- "$current"))
    return
  fi
  case "$command:$previous" in
${[...values, ...short].join('\n')}
  esac
  if [ -z "$words" ]; then
    case "$command" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _berth berth
`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap((one) => [
    `complete -c berth -n __fish_use_subcommand -a ${one.name} -d ${quote(one.description)}`,
    ...one.arguments.map((word) => `complete -c berth -n '__fish_seen_subcommand_from ${one.name}' -a ${quote(word)}`),
    ...one.flags.map((flag) =>
      [
        `complete -c berth -n '__fish_seen_subcommand_from ${one.name}' -l ${flag.long.replace(/^--/, '')}`,
        flag.short === undefined ? '' : ` -s ${flag.short.replace(/^-/, '')}`,
        flag.takesValue ? ' -r' : '',
        flag.choices.length > 0 ? ` -f -a ${quote(flag.choices.join(' '))}` : '',
        ` -d ${quote(flag.description)}`,
      ].join(''),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
