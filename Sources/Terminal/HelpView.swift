/// What the keys do and what the figures mean.
enum HelpView {
    private static let lines = """
        Keys
          w c j n    sort by watts, CPU, joules, name    < >  next column    r  reverse
          g Tab 1-9  tree of workloads, containers, pods, namespaces, units, processes,
                     owners of pods, and each label that the agent sums by
          /          filter by name, kind, path or label: Enter keeps, Esc clears it
          e          show or hide what has ended         !    all notices
          p Space    pause                               + -  refresh interval
          arrows PgUp PgDn Home End    move; the bottom line describes the selected row
          q Ctrl-C   quit

        Figures
          WATTS      mean power over the last window, a share of the node's power
          CPU%       of one CPU: 100 is one CPU fully busy
          SHARE      of the node's power; idle, system, unattributed make up the rest
          JOULES     energy since the agent started
          gCO2e/h    emissions at this power, by the intensity and PUE above
          -          not known, which is not zero
          dimmed     its figures include those of the rows below it, or it has ended
          measured   by a meter; estimated: by CPU model and load, (low to high) is
                     where the true power lies nine times out of ten

        Any key closes this.
        """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

    static func render(size: TerminalSize, colour: Bool) -> [String] {
        lines.prefix(size.rows).map { text in
            Line(text, text.hasPrefix(" ") ? .plain : .bold).rendered(width: size.columns, colour: colour)
        }
    }
}
