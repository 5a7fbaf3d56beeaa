/** Examples that `straylight <verb> --help` ends with. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  scan: `
  $ straylight scan ./products                          one subfolder per class: in-distribution
  $ straylight scan ./unknown --role ood --name odd     a flat folder: out-of-distribution
  $ straylight scan ./products --csv files.csv          one row per file, failures with the reason`,
  train: `
  $ straylight train ./products --preset quick          minutes on a CPU, to see the whole way
  $ straylight train ./products                         the authors' settings, WRN-40-2, 100 epochs
  $ straylight train products --network wrn-16-2 --epochs 30 --seed 2 --name p16
  $ straylight train ./scans --size 64 --resize pad     64 x 64 pixels, black bars instead of stretching`,
  finetune: `
  $ straylight finetune p16                             λ = 0.02 on features, and the control λ = 0
  $ straylight finetune p16 --lambda 0.05 --epochs 5
  $ straylight finetune p16 --preset paper              the paper's printed numbers
  $ straylight finetune p16 --objective energy-margin --outliers ./odd   ./odd is barred from evaluating it
  $ straylight finetune p16 --objective logit-norm --label-smoothing 0.1`,
  experiment: `
  $ straylight experiment ./products --ood ./unknown ./damaged --seeds 1,2,3 --preset quick
  $ straylight experiment p16 --ood odd --batch-norm    five seeds of fine-tuning one model
  $ straylight experiment resume e-2026                 what is done stays
  $ straylight --json experiment show e-2026`,
  reestimate: `
  $ straylight reestimate p16                           a child of p16 that differs in its statistics alone`,
  import: `
  $ straylight import resnet18.safetensors --network resnet-18 --dataset ./products`,
  score: `
  $ straylight score p16 ./unknown --csv scores.csv     one row per file: score, or why there is none
  $ straylight score p16 products odd --detector msp,maxlogit
  $ straylight score p16 odd --detector all --csv all.csv   a column per detector, one pass over the images`,
  tune: `
  $ straylight tune p16                                 ODIN's step, by ID validation images alone
  $ straylight tune p16 --detector knn,ash-s --validation ./odd --ood ./unknown`,
  compare: `
  $ straylight compare p16 p16-b p16-c --ood ./unknown ./damaged
  $ straylight compare p16 --ood odd --detector all         detectors by sets
  $ straylight --json compare p16 p16-b --ood odd --detector msp --split val`,
  robustness: `
  $ straylight robustness p16 --images 500               five corruptions at five severities
  $ straylight robustness p16 p16-b --severities 1,3,5   two models on the same corrupted images`,
  audit: `
  $ straylight audit "p16, fine-tuned, λ = 0.02" --ood ./unknown ./damaged --out ./report`,
  report: `
  $ straylight report --example > audit.yaml             what only people know, to be filled in
  $ straylight report --config audit.yaml                scores what is missing, then writes everything
  $ straylight report a-2026                             write it again; the beginning of an id is enough`,
  verify: `
  $ straylight verify ./report                           every number from per-image.csv, every hash from the files
  $ straylight verify ./report --images --rescore 100    reads the images again, scores 100 of them again`,
  keygen: `
  $ straylight keygen                                    a private key to keep, a public one to hand out`,
  resume: `
  $ straylight list runs
  $ straylight resume r-2026                            goes on from the last checkpoint`,
  list: `
  $ straylight list models
  $ straylight --json list`,
  export: `
  $ straylight export p16 ./p16-tfjs                    model.json and weights.bin for tf.loadLayersModel`,
  curate: `
  $ straylight curate log                               who decided what, when and why
  $ straylight curate leakage products --ood ./unknown  what is in two parts at once
  $ straylight curate leakage products --ood ./unknown --exclude exact
  $ straylight curate export products ./out --mode hard-link
  $ straylight curate export products ./out --mode csv  the list alone`,
  serve: `
  $ straylight serve                                    prints the address to open
  $ straylight serve --port 8080                        then, elsewhere: ssh -L 8080:127.0.0.1:8080 machine`,
  doctor: `
  $ straylight doctor
  $ straylight doctor --device wasm                     test that tier instead of the best one`,
  demo: `
  $ straylight demo
  $ straylight --device wasm demo --out ./demo-wasm`,
};
