/// What the keys do and what the figures mean.
enum HelpView {
    private static let text = """
        Move
          j k, arrows        a row down, up            Ctrl-d Ctrl-u  half a page
          PgDn PgUp          a page                    g G Home End   first, last row
          Enter              all about the row         left right     fold, unfold
          F                  follow the row            *              fold as at first
        Choose
          Tab Shift-Tab 1-9  tree, containers, pods, namespaces, units, processes,
                             owners, and each label that the agent sums by
          /                  filter: Enter keeps it, Esc clears it; in this help: search
          s < > r            sort by, next column, reversed
          W C J N            sort by watts, CPU, joules, name
          t                  figures of the last window, 10 s or 1 min
          e z                show what has ended, show rows that use next to nothing
          v                  columns, kept in ~/.config/energyctl/top.conf
        Time
          Space Z p          pause and resume          [ ] { }    back, forward 1, 30
          m                  mark: figures since now   M              without the mark
          + -                refresh interval
        More
          y                  copy the PromQL, JSON or kubectl behind the row
          !                  all notices of the agent  h ?            this help
          c                  carbon: intensity, emissions of today, who emits most
          Ctrl-Z             suspend, fg resumes       q Ctrl-C       quit
        Filter
          web                rows with this text in name, kind, path or labels
          watts>1 cpu>=50 share>5 wh<2 grams>1       a number; 500m is 0.5
          \\wbpd              rows with these letters in their order, as web-prod
          name=x name~part kind!=unit ns=prod pod~web unit~ssh owner=x user=1000
          label:team=pay     a label of the pod
          and, or, not, !    together, with ( ); words side by side mean and
        Figures
          WATTS              mean power, a share of the node's power
          Q                  what the energy is worth: = measured, ~ modelled,
                             ? estimated; the worst that makes up a tenth of it
          CPU%               of one CPU: 100 is one CPU fully busy
          SHARE              of the node's power, which the rows of the tree add up to
          TREND              power of the last 2 min, against the row's own largest
          JOULES Wh gCO2e    since the agent started, or since the mark
          BEFORE             mean power from the mark before to the last
          gCO2e/h            emissions at this power, by grid and PUE above
          usual              the mean of this hour of the last 7 days, of an agent with
                             --history.path; else the mean of what this view has seen
          -                  not known, which is not zero
          dimmed             includes the rows below it, or has ended
          measured           by a meter; estimated: by CPU model and load; (low to high)
                             holds the true power nine times out of ten
        """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

    /// All of it, or what has the text in it that the user looks for.
    static func page(_ model: TopModel) -> Page {
        let found = model.search.isEmpty ? text : lines(with: model.search)
        var page = Page(title: "Help", lines: found.map { Line($0, $0.hasPrefix(" ") ? .plain : .bold) })
        page.hints = ["/ search"]
        if !model.search.isEmpty { page.title += ": lines with \"\(model.search)\", Esc shows all" }
        guard model.isSearching else { return page }
        var prompt = Line("search: ", .bold)
        prompt.append(model.search)
        prompt.append(" ", .reverse)
        page.prompt = prompt
        return page
    }

    /// Lines with `search`, in any case of letters, under their headings.
    private static func lines(with search: String) -> [String] {
        let needle = search.lowercased()
        var found: [String] = []
        var heading = ""
        for line in text {
            if !line.hasPrefix(" ") {
                heading = line
            } else if line.lowercased().contains(needle) {
                if !heading.isEmpty { found.append(heading) }
                heading = ""
                found.append(line)
            }
        }
        return found.isEmpty ? ["  nothing"] : found
    }
}
