internal import Kubernetes
internal import ServiceLifecycle

/// Follows this node's pods until shutdown. Never ends before that: the agent works without Kubernetes.
struct KubernetesService: Service {
    let names: KubernetesNames

    func run() async {
        await cancelWhenGracefulShutdown { await names.run() }
    }
}
