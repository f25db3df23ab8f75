/**
 * onnxruntime 1.30 collects usage events in a database under the user's cache folder and uploads them, from native code that no JavaScript guard sees. Its switch is an environment
 * variable that is read when the library is loaded, so this module must be imported before it. Child processes get the variable from their spawner too (supervise/spawner.ts).
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
