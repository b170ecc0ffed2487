/**
 * What shells run to complete `zdms`: each asks `zdms complete -- WORDS` for lines of value, tab, description, and `:files` where a
 * file name is wanted. Our own, since @pnpm/tabtab splits the line at blanks by itself and @bomb.sh/tab answers at once or never.
 */
export const shellScripts = {
  bash: `# bash completion for zdms
_zdms() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _zdms zdms
`,
  zsh: `#compdef zdms
_zdms() {
  local line
  local -a described
  for line in "\${(@f)$(\${words[1]} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      _files
      return
    fi
    [[ -n $line ]] && described+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done
  _describe zdms described
}
if [[ $zsh_eval_context == *func ]]; then
  _zdms "$@"
else
  compdef _zdms zdms
fi
`,
  fish: `# fish completion for zdms
function __zdms_complete
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] "$begun" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$begun"
        else
            printf '%s\\n' $line
        end
    end
end
complete -c zdms -f -a '(__zdms_complete)'
`,
} as const;

export type Shell = keyof typeof shellScripts;
