import { availableParallelism } from 'node:os';

/** Threads that onnxruntime gets by default: one a logical core, since hyper-threads are hidden in most virtual machines and cost little elsewhere. */
export const physicalThreads = (): number => availableParallelism();
