/// What the keys do and what the figures mean.
enum HelpView {
    private static let lines = """
        Keys
          w c j n       sort by watts, CPU, joules, name      < >  next column      r  reverse
          g Tab 1-9     all workloads as a tree, containers, pods, namespaces, units, processes,
                        owners of pods, and each label that the agent adds up by
          /             filter by name, kind, path or label: Enter keeps it, Esc clears it
          e             show or hide what has ended
          p Space       pause            + -  refresh interval
          arrows PgUp PgDn Home End      move; the details of the selected row are at the bottom
          q Ctrl-C      quit

        Figures
          WATTS    mean power in the last window, the node's power by who used its CPUs
          CPU%     of one CPU: 100 is one CPU fully busy
          SHARE    part of the node's power; idle, system and unattributed make up the rest
          JOULES   energy since the agent started
          gCO2e/h  emissions at this power, by the intensity and PUE above
          -        not known, which is not zero
          dimmed   its figures include those of the rows below it, or it has ended
          measured by a meter; estimated from CPU model and load

        Any key closes this.
        """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

    static func render(size: TerminalSize, colour: Bool) -> [String] {
        lines.prefix(size.rows).map { text in
            Line(text, text.hasPrefix(" ") ? .plain : .bold).rendered(width: size.columns, colour: colour)
        }
    }
}
