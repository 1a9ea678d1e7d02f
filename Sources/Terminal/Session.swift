package import Snapshot

/// A live view from its first to its last frame: readings and keys in, frames out. Knows neither a clock nor a terminal.
package struct Session: Sendable {
    package var model: TopModel
    package var message: TopMessage?
    /// The machine that is asked, before it has answered.
    package var host: String?
    package let look: Look
    private let choosesGrouping: Bool
    private var timeline = Timeline()
    private var mark: SinceMark?
    private var past: PastUse?
    /// Of an earlier view, shown until there is something newer.
    private var remembered: Snapshot?

    /// - Parameter choosesGrouping: the first snapshot decides which rows to show.
    package init(model: TopModel, look: Look, choosesGrouping: Bool) {
        self.model = model
        self.look = look
        self.choosesGrouping = choosesGrouping
    }

    /// The newest reading.
    package var latest: Snapshot? { timeline.latest }

    /// Shows `snapshot` until there is a reading.
    package mutating func remember(_ snapshot: Snapshot) {
        remembered = snapshot
        adapt(to: snapshot)
    }

    /// Takes a reading in.
    package mutating func take(_ snapshot: Snapshot) {
        if timeline.latest == nil { adapt(to: snapshot) }
        model.groupings = Grouping.offered(by: snapshot)
        timeline.append(snapshot)
        message = nil
        remembered = nil
    }

    private mutating func adapt(to snapshot: Snapshot) {
        model.groupings = Grouping.offered(by: snapshot)
        if choosesGrouping { model.grouping = .suited(to: snapshot) }
    }

    /// What has been used before the first reading, such as what an agent remembers, by the id of a row.
    package mutating func prepend(_ older: [PowerSeries.Point], to id: String) { timeline.prepend(older, to: id) }

    /// Takes in what the agent remembers.
    package mutating func take(_ past: PastUse) {
        self.past = past
        guard let latest else { return }
        for (id, points) in past.points(latest) { prepend(points, to: id) }
    }

    package mutating func handle(_ key: Key) -> TopAction {
        let action = model.handle(key)
        timeline.watchZones(of: model.panel == .details ? model.current?.id : nil)
        model.stepsBack = min(model.stepsBack, max(0, timeline.count - 1))
        guard action == .mark else { return action }
        guard let shown = timeline.snapshot(stepsBack: model.stepsBack) else { return .none }
        mark = SinceMark(shown, after: mark)
        model.sinceMark = true
        model.remark =
            mark?.before == nil
            ? "marked: figures since now; m marks again and compares, M goes back"
            : "marked again: BEFORE is the mean power between the two marks"
        return .redraw
    }

    package mutating func render(_ size: TerminalSize) -> [String] {
        let shown = timeline.snapshot(stepsBack: model.isPaused ? model.stepsBack : 0, average: model.average)
        var content = TopContent(shown ?? remembered, message: message, timeline: timeline)
        (content.mark, content.past, content.host) = (mark, past, host)
        if mark == nil { model.sinceMark = false }
        return TopView.render(content, model: &model, size: size, look: look)
    }
}
