internal import Attribution
internal import Fetching
internal import Linux
internal import Metering
internal import NIOCore
internal import Units

/// The state between the events of a ``RedfishPoller``: which chassis there are, which one is read, and how often the
/// account was refused.
struct RedfishRounds {
    typealias Tasks = TaskGroup<RedfishEvent>

    private let settings: RedfishSettings
    private let mailbox: PowerMailbox
    private let group: any EventLoopGroup
    private let clock: any Clock<Duration>
    /// On the injected clock.
    private let elapsed: @Sendable () -> Duration
    private var client: RedfishClient?
    private var table = ChassisTable()
    /// Where the power was found before the present search.
    private var places: [String: RedfishSource] = [:]
    /// True from a survey until its first reading, for which no turn is scheduled.
    private var isSurveying = false
    private var isPatienceOver = false
    private var refusals = 0
    /// Readings in a row that failed.
    private var failures = 0
    /// Turns in a row in which no chassis could be selected.
    private var undecided = 0
    private var readings = 0

    /// How long a reading may take.
    private static let patience = Duration.seconds(15)
    private static let failuresBeforeSurvey = 3
    /// Power supplies are listed anew after so many: one may have been added.
    private static let readingsBeforeListing = 30
    /// After so many the power is looked for in other places, too: an update of the firmware may have moved it. More than
    /// the first retries of a chassis take.
    private static let failuresBeforeForgetting = 18
    /// Pauses after the credentials were refused, s: BMCs lock accounts that fail too often.
    private static let refusalPauses = [300.0, 900, 1800, 3600]
    /// How often the credentials file is looked at meanwhile, s.
    private static let watchInterval = 5.0

    init(_ settings: RedfishSettings, mailbox: PowerMailbox, group: any EventLoopGroup, clock: any Clock<Duration>) {
        self.settings = settings
        self.mailbox = mailbox
        self.group = group
        self.clock = clock
        elapsed = stopwatch(clock)
    }

    func close() async { await client?.close() }

    private var now: Double { elapsed() / .seconds(1) }

    mutating func handle(_ event: RedfishEvent, _ tasks: inout Tasks) async {
        switch event {
        case .turn: await takeTurn(&tasks)
        case .patienceIsOver:
            isPatienceOver = true
            await endSurveyIfPossible(&tasks)
        case .chassis(let path, let answer):
            if isSurveying, case .failure(let fault) = answer, fault.kind == .credentials {
                return await fail(fault, &tasks)
            }
            table.finish(path, answer, at: now)
            readDueChassis(&tasks)
            await endSurveyIfPossible(&tasks)
        case .ended: break
        }
    }

    private mutating func takeTurn(_ tasks: inout Tasks) async {
        guard table.isEmpty else {
            readDueChassis(&tasks)
            return await read(&tasks)
        }
        do throws(RedfishFault) {
            table = try await connected().survey(uuid: settings.systemUUID, within: Self.patience)
            table.remember(places)
        } catch {
            return await fail(error, &tasks)
        }
        (isSurveying, isPatienceOver) = (true, false)
        readDueChassis(&tasks)
        let patience = settings.patience
        tasks.addTask {
            try? await Task.sleep(for: patience)
            return .patienceIsOver
        }
        await endSurveyIfPossible(&tasks)
    }

    private mutating func readDueChassis(_ tasks: inout Tasks) {
        guard let client else { return }
        for (path, patience) in table.takeDue(at: now) {
            let place = table.places[path.withoutSlash]
            tasks.addTask {
                do throws(RedfishFault) {
                    return .chassis(path, .success(try await client.chassis(path, place: place, within: patience)))
                } catch {
                    return .chassis(path, .failure(error))
                }
            }
        }
    }

    /// The first reading, once every chassis has answered; or earlier from one that is surely this node's.
    private mutating func endSurveyIfPossible(_ tasks: inout Tasks) async {
        guard isSurveying else { return }
        if table.isIncomplete {
            guard isPatienceOver, case .success(let selection) = table.select(), !selection.isGuess else { return }
        }
        isSurveying = false
        await read(&tasks)
    }

    private mutating func read(_ tasks: inout Tasks) async {
        switch table.select() {
        case .failure(let refusal):
            mailbox.remark(table.remarks(nil))
            mailbox.fail(diagnosis(refusal))
            // The table tries again by itself what could not be read, and gives it more time than a new search would.
            undecided += 1
            if undecided % Self.failuresBeforeForgetting == 0 { await startAnew(remembering: [:]) }
            schedule(after: settings.interval, &tasks)
        case .success(let selection):
            undecided = 0
            do throws(RedfishFault) {
                let watts = try await power(of: selection)
                (failures, refusals) = (0, 0)
                mailbox.post([.platform: Watts(watts)])
                mailbox.remark(table.remarks(selection))
                schedule(after: settings.interval, &tasks)
            } catch {
                await fail(error, &tasks)
            }
        }
    }

    private mutating func power(of selection: RedfishSelection) async throws(RedfishFault) -> Double {
        guard let client else { throw RedfishFault(.other, Diagnosis(.unreachable, settings.url)) }
        if let source = table.places[selection.path], let chassis = table.chassis(selection.path) {
            readings += 1
            let isListing = readings % Self.readingsBeforeListing == 0
            if let found = try await client.watts(
                isListing ? source.whole : source, of: chassis, within: Self.patience)
            {
                table.remember([selection.path: found.1])
                return found.0
            }
        }
        throw client.fault("no power reading at the moment", selection.path)
    }

    // MARK: Failures

    private mutating func fail(_ fault: RedfishFault, _ tasks: inout Tasks) async {
        isSurveying = false
        mailbox.fail(fault.diagnosis)
        failures += 1
        if fault.kind == .credentials || fault.kind == .forbidden { return refuse(&tasks) }
        if fault.kind == .missing || failures % Self.failuresBeforeSurvey == 0 {
            let isGone = fault.kind == .missing || failures % Self.failuresBeforeForgetting == 0
            await startAnew(remembering: isGone ? [:] : table.places)
        }
        schedule(after: settings.interval, &tasks)
    }

    /// The next attempt is a single request after a long pause, or as soon as the credentials have changed.
    private mutating func refuse(_ tasks: inout Tasks) {
        places = table.places
        table = ChassisTable()
        let pause = Self.refusalPauses[min(refusals, Self.refusalPauses.count - 1)]
        refusals += 1
        let (clock, credentials) = (clock, settings.credentials)
        let version = credentials.version
        tasks.addTask {
            let elapsed = stopwatch(clock)
            while elapsed() < .seconds(pause), credentials.version == version {
                guard (try? await clock.sleep(for: .seconds(Self.watchInterval))) != nil else { return .ended }
            }
            return .turn
        }
    }

    /// Forgets what was found, connections and authorities included, all of which may have been replaced.
    private mutating func startAnew(remembering places: [String: RedfishSource]) async {
        self.places = places
        table = ChassisTable()
        await client?.close()
        client = nil
    }

    private func schedule(after pause: Double, _ tasks: inout Tasks) {
        let clock = clock
        tasks.addTask {
            (try? await clock.sleep(for: .seconds(pause))) == nil ? .ended : .turn
        }
    }

    private mutating func connected() throws(RedfishFault) -> RedfishClient {
        if let client { return client }
        guard let origin = RedfishOrigin(settings.url) else {
            throw RedfishFault(
                .other, Diagnosis(.notConfigured, "\(printable(settings.url)): not http(s)://HOST[:PORT]"))
        }
        do throws(Diagnosis) {
            let settings = try settings.fetchSettings()
            do throws(FetchFailure) {
                let fetcher = try Fetcher(settings, group: group)
                let fresh = RedfishClient(self.settings, origin: origin, fetcher: fetcher)
                client = fresh
                return fresh
            } catch {
                throw Diagnosis(.garbage, "\(self.settings.authorityFile ?? ""): \(error)")
            }
        } catch {
            throw RedfishFault(.other, error)
        }
    }

    private func diagnosis(_ refusal: RedfishSelection.Refusal) -> Diagnosis {
        let root = "\(settings.url)/redfish/v1/Chassis"
        switch refusal {
        case .silent:
            let reasons = table.remarks(nil).prefix(4).joined(separator: "; ")
            return Diagnosis(
                .missing, "\(root): no chassis reports its power" + (reasons.isEmpty ? "" : " (\(reasons))"))
        case .shared(let path):
            return Diagnosis(
                .missing, "\(root): only \(path) reports power, and it houses other systems too",
                remedy: "set --power.redfish.url to this node's own BMC")
        case .scattered(let count):
            return Diagnosis(
                .missing,
                "\(root): \(count) chassis report what power supplies take in, and nothing says whether these are all",
                remedy: "use another meter of this node, such as --power.sources ipmi")
        case .awaited(let path):
            return Diagnosis(
                .unreachable,
                "\(root): the power of \(path), which the system names as its chassis, could not be read "
                    + "(\(table.remarks(nil).prefix(2).joined(separator: "; ")))")
        case .ambiguous(let systems):
            return Diagnosis(
                .missing, "\(root): the power of \(systems) systems, and nothing says which of them is this node",
                remedy: "let the agent read /sys/class/dmi/id/product_uuid, or set --power.redfish.url to this node's "
                    + "own BMC")
        }
    }
}
